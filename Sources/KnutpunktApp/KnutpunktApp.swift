enum KnutpunktAppPlaceholder {}
