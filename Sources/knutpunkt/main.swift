print("knutpunkt")
