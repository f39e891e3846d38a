"""The rows that unikum/person.yaml makes, with pydantic: what the mapping language is measured against.

    pydantic_mapping.py DIRECTORY [--rounds N]

Reads persons.jsonl and rows.jsonl of the directory, which MappingBenchmark writes, makes sure that pydantic comes to the same
rows, and prints records a second of this thread's own time as JSON lines. With models of the whole record, as whoever reads
SS 12000 with pydantic declares it, and with models of nothing but the fields that the mapping looks at.
"""

import argparse
import datetime
import json
import re
import time
from typing import Literal, Optional

from pydantic import BaseModel, Field

TODAY = datetime.date(2026, 9, 1)
DAY = TODAY.isoformat()

Marking = Literal["Ingen", "Sekretessmarkering", "Skyddad folkbokföring"]


class Reference(BaseModel):
    id: str
    displayName: Optional[str] = None


class PersonReference(Reference):
    securityMarking: Optional[Marking] = None


class Meta(BaseModel):
    created: Optional[str] = None
    modified: Optional[str] = None


class ExternalIdentifier(BaseModel):
    value: str
    context: str
    globallyUnique: Optional[bool] = None


class CivicNumber(BaseModel):
    value: str
    nationality: Optional[str] = None


class Email(BaseModel):
    value: str
    type: Optional[Literal["Privat", "Skola elev", "Skola personal", "Arbete övrigt"]] = None


class Phone(BaseModel):
    value: str
    type: Optional[Literal["Hem", "Arbete"]] = None
    mobile: Optional[bool] = None


class Address(BaseModel):
    type: Optional[Literal["Folkbokföring", "Särskild postadress", "Tillfällig adress", "Postadress"]] = None
    streetAddress: Optional[str] = None
    locality: Optional[str] = None
    postalCode: Optional[str] = None
    countyCode: Optional[int] = None
    municipalityCode: Optional[int] = None
    realEstateDesignation: Optional[str] = None
    country: Optional[str] = None


class Enrolment(BaseModel):
    enroledAt: Reference
    schoolYear: Optional[int] = Field(default=None, ge=0, le=10)
    schoolType: Literal[
        "FS", "FKLASS", "FTH", "OPPFTH", "GR", "GRS", "TR", "SP", "SAM", "GY", "GYS", "VUX", "VUXSFI", "VUXGR", "VUXGY",
        "VUXSARGR", "VUXSARTR", "VUXSARGY", "SFI", "SARVUX", "SARVUXGR", "SARVUXGY", "KU", "YH", "FHS", "STF", "KKU", "HS",
        "ABU", "AU", "GRA", "GRAN", "GYA", "GYAN", "VUXGRAN", "VUXGYAN"]
    startDate: datetime.date
    endDate: Optional[datetime.date] = None
    cancelled: Optional[bool] = None
    educationCode: Optional[str] = None
    programme: Optional[Reference] = None
    specification: Optional[str] = None


class Responsible(BaseModel):
    person: Optional[PersonReference] = None
    relationType: Optional[Literal["Vårdnadshavare", "Annan ansvarig", "God man", "Utsedd behörig"]] = None


class Person(BaseModel):
    id: str
    meta: Optional[Meta] = None
    givenName: str
    middleName: Optional[str] = None
    familyName: str
    eduPersonPrincipalNames: list[str] = []
    externalIdentifiers: list[ExternalIdentifier] = []
    civicNo: Optional[CivicNumber] = None
    birthDate: Optional[datetime.date] = None
    sex: Optional[Literal["Man", "Kvinna", "Okänt"]] = None
    securityMarking: Optional[Marking] = None
    personStatus: Optional[Literal["Aktiv", "Utvandrad", "Avliden"]] = None
    emails: list[Email] = []
    phoneNumbers: list[Phone] = []
    addresses: list[Address] = []
    photo: Optional[str] = None
    enrolments: list[Enrolment] = []
    responsibles: list[Responsible] = []


class LeanReference(BaseModel):
    id: str


class LeanCivicNumber(BaseModel):
    value: str


class LeanEmail(BaseModel):
    value: str
    type: Optional[str] = None


class LeanPhone(LeanEmail):
    mobile: Optional[bool] = None


class LeanAddress(BaseModel):
    type: Optional[str] = None
    streetAddress: Optional[str] = None
    locality: Optional[str] = None
    postalCode: Optional[str] = None


class LeanEnrolment(BaseModel):
    enroledAt: LeanReference
    schoolYear: Optional[int] = None
    startDate: str
    endDate: Optional[str] = None


class LeanResponsible(BaseModel):
    person: Optional[LeanReference] = None
    relationType: Optional[str] = None


class LeanPerson(BaseModel):
    givenName: str
    familyName: str
    civicNo: Optional[LeanCivicNumber] = None
    emails: list[LeanEmail] = []
    phoneNumbers: list[LeanPhone] = []
    addresses: list[LeanAddress] = []
    enrolments: list[LeanEnrolment] = []
    responsibles: list[LeanResponsible] = []


class Row(BaseModel):
    kind: str
    key: str
    fields: dict[str, str]


ORGANISATIONS = {"unit-1": ("Skolenhet", "school-1"), "school-1": ("Skola", None)}
GUARDIANS = {"guardian-1": "19850101TF02", "guardian-2": "19850101TF03"}

NUMBER = re.compile(r"\s*(\d\d)?(\d{6})([-+]?)(\d{4}|[A-Za-z]\d{3}|[A-Za-z]{2}\d\d)\s*", re.ASCII)
DIGITS = re.compile(r"\D+", re.ASCII)
TELEPHONE = re.compile(r"\s*\+?[0-9 ()/.\-\u00a0]*")


def number(text):
    """An identity number with its hyphen, after its rules: form, date, birth number, check digit, temporary endings."""
    match = NUMBER.fullmatch(text)
    if match is None:
        raise ValueError("no identity number")
    century, six, sign, last = match.groups()
    if century is None:
        year = TODAY.year - (TODAY.year % 100 - int(six[:2]) + 100) % 100 - (100 if sign == "+" else 0)
        century = str(year // 100)
    if last.isdigit():
        day = int(six[4:])
        if day < 60:
            datetime.date(int(century + six[:2]), int(six[2:4]), day)
        elif not (1 <= int(six[2:4]) <= 12 and day <= 91):
            raise ValueError("no date")
        if last[:3] == "000":
            raise ValueError("no birth number")
        total = 0
        for index, digit in enumerate(six + last):
            value = int(digit) * (2 - index % 2)
            total += value - 9 if value > 9 else value
        if total % 10:
            raise ValueError("no check digit")
    return f"{century}{six}-{last.upper()}"


def line(text):
    return " ".join(text.split())


def phone(text):
    if TELEPHONE.fullmatch(text) is None:
        return line(text)
    digits = DIGITS.sub("", text)
    plus = text.lstrip().startswith("+")
    if digits.startswith("00"):
        plus, digits = True, digits[2:]
    if plus and digits.startswith("46"):
        digits = "0" + digits[3 if digits.startswith("460") else 2:]
    elif plus:
        digits = "+" + digits
    return digits if 5 <= len(digits) <= 16 else line(text)


def rows(person, today):
    if person.civicNo is None:
        raise ValueError("no identity number")
    me = number(person.civicNo.value)
    fields = {
        "fornamn": line(person.givenName), "efternamn": line(person.familyName), "personnummer": me,
        "dolj_kontaktuppgifter": "false", "personliga_notiser": "true", "meddelanden_skola_grupp": "true",
    }
    for kind in ("Skola elev", "Skola personal", "Arbete övrigt", "Privat"):
        found = next((email.value for email in person.emails if email.type == kind), None)
        if found:
            fields["epost"] = found
            break
    for phones in person.phoneNumbers:
        if phones.type == "Arbete":
            fields.setdefault("tel_arbete", phone(phones.value))
        elif phones.type == "Hem":
            fields.setdefault("tel" if phones.mobile is False else "mobil", phone(phones.value))
    current = [each for each in person.enrolments if each.startDate <= today and (each.endDate is None or each.endDate >= today)]
    if current:
        home = next((address for address in person.addresses if address.type == "Folkbokföring"), None)
        if home:
            if home.streetAddress:
                fields["adress"] = line(home.streetAddress)
            if home.locality:
                fields["ort"] = home.locality
            if home.postalCode:
                fields["postnr"] = DIGITS.sub("", home.postalCode)
        if current[0].schoolYear is not None:
            fields["arskurs"] = str(current[0].schoolYear)
    result = [Row(kind="person", key=me, fields=fields)]
    for enrolment in current:
        kind, parent = ORGANISATIONS.get(enrolment.enroledAt.id, (None, None))
        school = enrolment.enroledAt.id if kind == "Skola" else parent
        if school:
            result.append(Row(kind="student_in_school", key=f"{me}|{school}", fields={"from": me, "to": school}))
    for responsible in person.responsibles:
        if responsible.relationType == "Vårdnadshavare" and responsible.person and responsible.person.id in GUARDIANS:
            other = number(GUARDIANS[responsible.person.id])
            result.append(Row(kind="guardian_for", key=f"{other}|{me}", fields={"from": other, "to": me}))
    return result


def measure(name, rounds, jobs, body):
    best = 0.0
    for _ in range(rounds):
        start = time.thread_time()
        for job in jobs:
            body(job)
        best = max(best, len(jobs) / (time.thread_time() - start))
    print(json.dumps({"job": name, "peer": "pydantic", "per_second": round(best)}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with open(arguments.directory + "/persons.jsonl", "rb") as file:
        bodies = file.read().split(b"\n")
    with open(arguments.directory + "/rows.jsonl", encoding="utf-8") as file:
        for body, expected in zip(bodies, file):
            expected = json.loads(expected)
            for model, today in ((Person, TODAY), (LeanPerson, DAY)):
                made = [row.model_dump() for row in rows(model.model_validate_json(body), today)]
                if made != expected:
                    raise SystemExit(f"pydantic makes other rows than the mapping: {made} for {expected}")
    people = [Person.model_validate_json(body) for body in bodies[:256]]
    measure("parse, check", arguments.rounds, bodies, Person.model_validate_json)
    measure("map", arguments.rounds, people * (len(bodies) // len(people)), lambda person: rows(person, TODAY))
    measure(
        "parse, check, map", arguments.rounds, bodies, lambda body: rows(Person.model_validate_json(body), TODAY))
    measure("parse, map", arguments.rounds, bodies, lambda body: rows(LeanPerson.model_validate_json(body), DAY))


main()
