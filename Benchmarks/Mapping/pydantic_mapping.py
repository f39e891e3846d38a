"""The rows that unikum/person.yaml makes, with pydantic: what the mapping language is measured against.

    BENCHMARK_RECORDS=/tmp swift run -c release MappingBenchmark
    python3 Benchmarks/Mapping/pydantic_mapping.py /tmp/persons.jsonl
"""
import re
import sys
import time
from typing import Optional

from pydantic import BaseModel

DAY = "2026-09-01"


class Reference(BaseModel):
    id: str


class CivicNumber(BaseModel):
    value: Optional[str] = None


class Email(BaseModel):
    value: str
    type: Optional[str] = None


class Phone(BaseModel):
    value: str
    type: Optional[str] = None
    mobile: Optional[bool] = None


class Address(BaseModel):
    type: Optional[str] = None
    streetAddress: Optional[str] = None
    postalCode: Optional[str] = None
    locality: Optional[str] = None


class Enrolment(BaseModel):
    enroledAt: Reference
    schoolYear: Optional[int] = None
    startDate: str
    endDate: Optional[str] = None


class Responsible(BaseModel):
    person: Reference
    relationType: Optional[str] = None


class Person(BaseModel):
    id: str
    givenName: str
    familyName: str
    civicNo: Optional[CivicNumber] = None
    emails: list[Email] = []
    phoneNumbers: list[Phone] = []
    addresses: list[Address] = []
    enrolments: list[Enrolment] = []
    responsibles: list[Responsible] = []


class Row(BaseModel):
    kind: str
    key: str
    fields: dict[str, str]


ORGANISATIONS = {"unit-1": ("Skolenhet", "school-1"), "school-1": ("Skola", None)}
GUARDIANS = {"guardian-1": "19850101TF02", "guardian-2": "19850101TF03"}


def number(text):
    if not re.fullmatch(r"\d{8}[A-Z0-9]{4}", text):
        raise ValueError("no number")
    return f"{text[:8]}-{text[8:]}"


def phone(text):
    digits = re.sub(r"\D", "", text)
    return "0" + digits[2:] if text.startswith("+46") else digits


def rows(person):
    me = number(person.civicNo.value)
    fields = {
        "fornamn": " ".join(person.givenName.split()), "efternamn": " ".join(person.familyName.split()), "personnummer": me,
        "dolj_kontaktuppgifter": "false", "personliga_notiser": "true", "meddelanden_skola_grupp": "true",
    }
    for kind in ("Skola elev", "Skola personal", "Arbete övrigt", "Privat"):
        found = next((e.value for e in person.emails if e.type == kind), None)
        if found:
            fields["epost"] = found
            break
    for name, kind, mobile in (("tel", "Hem", False), ("mobil", "Hem", True), ("tel_arbete", "Arbete", None)):
        found = next((p.value for p in person.phoneNumbers if p.type == kind and (mobile is None or p.mobile == mobile)), None)
        if found:
            fields[name] = phone(found)
    current = [e for e in person.enrolments if e.startDate <= DAY and (e.endDate or "9999") >= DAY]
    home = next((a for a in person.addresses if a.type == "Folkbokföring"), None)
    if current and home:
        fields["adress"], fields["ort"] = home.streetAddress, home.locality
        fields["postnr"] = re.sub(r"\D", "", home.postalCode or "")
    if current and current[0].schoolYear is not None:
        fields["arskurs"] = str(current[0].schoolYear)
    result = [Row(kind="person", key=me, fields=fields)]
    for enrolment in current:
        kind, parent = ORGANISATIONS[enrolment.enroledAt.id]
        school = enrolment.enroledAt.id if kind == "Skola" else parent
        result.append(Row(kind="student_in_school", key=f"{me}|{school}", fields={"from": me, "to": school}))
    for responsible in person.responsibles:
        if responsible.relationType == "Vårdnadshavare":
            other = number(GUARDIANS[responsible.person.id])
            result.append(Row(kind="guardian_for", key=f"{other}|{me}", fields={"from": other, "to": me}))
    return result


def main():
    with open(sys.argv[1], "rb") as file:
        bodies = file.read().split(b"\n")
    best = 0.0
    for _ in range(3):
        start = time.thread_time()
        for body in bodies:
            rows(Person.model_validate_json(body))
        best = max(best, len(bodies) / (time.thread_time() - start))
    print(f"parse and map, pydantic            {best:.0f} records/s")


main()
