#!/usr/bin/env python3
"""The schema and the parser say the same of every policy.

usage: agree.py VERDICTS POLICIES

VERDICTS is the program made of verdicts.c, POLICIES the folder with policy.schema.json and examples/.  The corpus is
every example, each of its members dropped, renamed and replaced by values of every type and at every bound, and rows
written by hand.  Needs jsonschema (Debian: python3-jsonschema).
"""
import copy
import json
import pathlib
import subprocess
import sys

import jsonschema

# Rules that JSON Schema cannot say: the parser alone refuses, with a problem at this place whose text has these words.
BEYOND_SCHEMA = {
    "same service twice": ("/services/1/id", "the same service as /services/0"),
    "kek is the key": ("/vault/kek/name", 'also the "key_name"'),
    "names over 94 with fhir": ("/vault/key_name", "a FHIR service takes at most 94"),
    "over 100 years": ("/rotate/every", "cannot be used"),
}

# What each member is replaced by, whatever it was.
ANYTHING = [None, True, False, 0, 1, -1, 2047, 2048, 3072, 3072.0, 3072.5, 4096, 8192, "", "x", "A-b", "under_score", "ö",
            "line\nbreak", "bell\u0007", "c1\u0085", "-", "a" * 63, "a" * 64, "a" * 127, "a" * 128, [], {}, ["x"], [{}],
            {"x": 1}, "none", "vault-backup", "hsm-backup", "seal", "keep", "destroy", "RSA", "EC", "rsa", "P-256",
            "P-384", "P-521", "p-256", "fhir", "dicom", "redis", "enabled", "disabled"]

# Values at the bounds of members that have patterns; good ones and bad ones alike.
SPECIAL = {
    "token": ["pkcs11:", "pkcs11:token=a", "token=a", "PKCS11:token=a", "pkcs11:token=", "pkcs11:token=a%20b",
              "pkcs11:token=a%2", "pkcs11:token=a;serial=1;model=x;manufacturer=y", "pkcs11:slot-id=3",
              "pkcs11:object=k", "pkcs11:token=a;id=%01", "pkcs11:token=a?pin-value=1234",
              "pkcs11:token=a?pin-source=file:/x", "pkcs11:token=a?module-path=/x.so", "pkcs11:token=a;pin-value=1",
              "pkcs11:token=a;", "pkcs11:;token=a", "pkcs11:token=a b", "pkcs11:token=" + "a" * 987,
              "pkcs11:token=" + "a" * 988, " pkcs11:token=a"],
    "url": ["https://abc.vault.azure.net", "https://abc.vault.azure.net/", "http://abc.vault.azure.net",
            "https://ab.vault.azure.net", "https://a23456789012345678901234.vault.azure.net",
            "https://a234567890123456789012345.vault.azure.net", "https://Abc.vault.azure.net",
            "https://1bc.vault.azure.net", "https://a-c.vault.azure.net", "https://a--c.vault.azure.net",
            "https://abc-.vault.azure.net", "https://-bc.vault.azure.net", "https://abc.azure.net",
            "https://abc.vault.usgovcloudapi.net", "https://abc.managedhsm.azure.net", "https://abc.vault",
            "https://abc.vault.", "https://abc.vault.localhost", "https://abc.vault.localhost:8443",
            "https://abc.vault.localhost:", "https://abc.vault.localhost:123456", "https://abc.vault.-x.net",
            "https://abc.vault.x-.net", "https://abc.vault.net-", "https://abc.vault.net-:1", "https://abc.vault.a..net",
            "https://u:p@abc.vault.azure.net", "https://abc.vault.azure.net?x", "https://abc.vault.azure.net#x",
            "https://abc.vault." + "a" * 63, "https://abc.vault." + "a" * 64,
            "https://abc.vault" + ".a" * 141, "https://abc.vault" + ".a" * 142],
    "every": ["P1D", "P90D", "P0D", "P00D", "P1W", "P1W1D", "P1Y", "P1Y2M", "P1Y2M3D", "P1Y3D", "P1M", "P1M1D", "PT1H",
              "PT1M", "PT1S", "PT0S", "P1DT1S", "P1DT", "PT", "P", "p1d", "-P1D", "+P1D", "P1.5D", "P-1D", "PT1H1S",
              "PT1H1M1S", "P1D1M", "1D", "P1D ", " P1D", "P2WT1H", "P0Y0M1D", "P99Y", "P" + "0" * 37 + "1D",
              "P" + "0" * 38 + "1D"],
    "name": ["a", "0", "a-", "-a", "A", "a.b", "a b", "a" * 62 + "-"],
    "key_name": ["a", "0", "a-", "-a", "A", "a.b", "a b", "-", "a" * 126 + "-"],
    "description": ["", "ö" * 1000, "ö" * 1001, "tab\t", "\u007f", "\u0080", "\u009f", "\u00a0", "\U0001f511"],
    "$schema": ["https://example.org/policy.schema.json", ""],
}
SUB = "/subscriptions/00000000-1111-2222-3333-44444444abcd/"
WORKSPACE = SUB + "resourceGroups/g/providers/Microsoft.HealthcareApis/workspaces/wsp/"
SPECIAL["id"] = [
    WORKSPACE + "fhirservices/abc", WORKSPACE + "dicomservices/abc", WORKSPACE + "iotconnectors/abc",
    (WORKSPACE + "fhirservices/abc").upper(), (WORKSPACE + "dicomservices/abc").lower(), WORKSPACE + "fhirservices/ab",
    WORKSPACE + "fhirservices/" + "a" * 24, WORKSPACE + "fhirservices/" + "a" * 25, WORKSPACE + "fhirservices/a_c",
    WORKSPACE + "fhirservices/abc/", WORKSPACE + "fhirservices/abc/x", "x" + WORKSPACE + "fhirservices/abc",
    WORKSPACE.replace("/wsp/", "/ws/") + "fhirservices/abc", WORKSPACE.replace("/g/", "//") + "fhirservices/abc",
    WORKSPACE.replace("/g/", "/" + "g" * 90 + "/") + "fhirservices/abc",
    WORKSPACE.replace("/g/", "/" + "g" * 91 + "/") + "fhirservices/abc",
    WORKSPACE.replace("/g/", "/g_(1).x-y/") + "fhirservices/abc", WORKSPACE.replace("/g/", "/a b/") + "fhirservices/abc",
    WORKSPACE.replace("abcd/", "abcg/") + "fhirservices/abc", WORKSPACE.replace("HealthcareApis", "Cache") + "fhirservices/abc",
    WORKSPACE.replace("Microsoft.", "MicrosoftX") + "fhirservices/abc", "/", "https://management.azure.com" + WORKSPACE + "fhirservices/abc",
    "/subscriptions/x/resourceGroups/y", WORKSPACE + "fhirservices/" + "a" * 500,
]

# Members that belong to later versions, and one that nobody knows, put into every object.
STRANGERS = [("window", {}), ("jitter", "P2D"), ("blackouts", []), ("not_before", "2026-01-01"), ("origin", "vault"), ("comment", "x"),
             ("$schema", "x"), ("kind", "fhir"), ("curve", "P-256"), ("bits", 2048), ("enable_cmk", True), ("", 1), ("a/b~c", 1)]


def places(value, path=()):
    """Every place of a JSON value, but the whole."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield path + (key,)
        yield from places(inner, path + (key,))


def parent_of(policy, path):
    for key in path[:-1]:
        policy = policy[key]
    return policy


def with_value(policy, path, value):
    changed = copy.deepcopy(policy)
    parent_of(changed, path)[path[-1]] = value
    return changed


def without(policy, path):
    changed = copy.deepcopy(policy)
    del parent_of(changed, path)[path[-1]]
    return changed


def objects(value, path=()):
    if isinstance(value, dict):
        yield path
    for place in places(value):
        inner = value
        for key in place:
            inner = inner[key]
        if isinstance(inner, dict):
            yield place


def mutations(name, policy):
    """(label, policy, rule beyond the schema or None) for all that is done to one example."""
    yield f"{name}: as it is", policy, None
    for path in places(policy):
        label = f"{name}: /" + "/".join(map(str, path))
        yield f"{label} dropped", without(policy, path), None
        if isinstance(path[-1], str):
            for renamed in (path[-1] + "x", path[-1].upper(), path[-1][:-1], path[-1].replace("_", "-") + "-"):
                yield f"{label} renamed {renamed}", with_value(without(policy, path), path[:-1] + (renamed,),
                                                               parent_of(policy, path)[path[-1]]), None
        for value in ANYTHING + SPECIAL.get(path[-1], []):
            yield f"{label} = {json.dumps(value)[:60]}", with_value(policy, path, value), None
    for path in objects(policy):
        for member, value in STRANGERS:
            yield f"{name}: /{'/'.join(map(str, path))} with {member}", with_value(policy, path + (member,), value), None


def by_hand(example):
    """Rows that no mutation of one member reaches."""
    def changed(**changes):
        policy = copy.deepcopy(example)
        for path, value in changes.items():
            path = tuple(int(key) if key.isdigit() else key for key in path.split("__"))
            parent_of(policy, path)[path[-1]] = value
        return policy

    first = example["services"][0]
    for whole in (None, True, 1, "x", [], [example], {}):
        yield f"the whole file is {json.dumps(whole)[:20]}", whole, None
    yield "EC without services", changed(key={**{k: v for k, v in example["key"].items() if k != "bits"},
                                               "type": "EC", "curve": "P-521"}, services=[]), None
    yield "EC with services", changed(key={**{k: v for k, v in example["key"].items() if k != "bits"},
                                            "type": "EC", "curve": "P-521"}), None
    yield "RSA 4096 without services", changed(key__bits=4096, services=[]), None
    for after in ("seal", "keep", "destroy"):
        for recovery in (None, "none", "vault-backup", "hsm-backup", "other"):
            key = {**example["key"], "after_import": after, "recovery": recovery}
            if recovery is None:
                del key["recovery"]
            yield f"{after} with {recovery}", changed(key=key), None
    yield "same service twice", changed(services=[first, first]), "same service twice"
    yield "same service in capitals", changed(services=[first, {**first, "id": first["id"].upper()}]), "same service twice"
    yield "kek is the key", changed(vault__kek__name=example["vault"]["key_name"].upper()), "kek is the key"
    yield "94 characters", changed(vault__key_name="k" * (94 - len("hospital"))), None
    yield "95 characters", changed(vault__key_name="k" * (95 - len("hospital"))), "names over 94 with fhir"
    yield "95 characters, dicom only", changed(vault__key_name="k" * 87, services=example["services"][1:]), None
    yield "101 years", changed(rotate__every="P101Y"), "over 100 years"
    yield "many weeks", changed(rotate__every="P99999W"), "over 100 years"
    yield "more digits than any number", changed(rotate__every="P" + "9" * 38 + "D"), "over 100 years"


def corpus(folder):
    examples = {path.name: json.loads(path.read_text()) for path in sorted((folder / "examples").glob("*.json"))}
    assert examples, "no examples"
    for name, policy in examples.items():
        yield from mutations(name, policy)
    yield from by_hand(examples["radiology.json"])


def rule_beyond(label, policy, rule):
    """Mutations that happen to break a rule beyond the schema are found by what they are."""
    if rule is not None or not isinstance(policy, dict):
        return rule
    vault, services = policy.get("vault"), policy.get("services")
    try:
        host = vault["url"].removeprefix("https://").split(".")[0]
        if any(s["kind"] == "fhir" for s in services or []) and len(host) + len(vault["key_name"]) > 94:
            return "names over 94 with fhir"
        ids = [s["id"].lower() for s in services or []]
        if len(ids) != len(set(ids)):
            return "same service twice"
    except (TypeError, KeyError, AttributeError):
        pass
    return None


def disagreement(valid, verdict, rule):
    """What is wrong with this row, or None."""
    if rule is None:
        return None if valid == verdict["good"] else f"schema says {valid}, parser says {verdict}"
    if verdict["good"]:
        return f"the parser takes what breaks the rule '{rule}'"
    if not valid:
        return None
    pointer, words = BEYOND_SCHEMA[rule]
    if [p["pointer"] for p in verdict["problems"]] != [pointer] or words not in verdict["problems"][0]["text"]:
        return f"want only '{words}' at {pointer}, parser says {verdict}"
    return None


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    schema = json.loads((folder / "policy.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    rows = [(label, policy, rule_beyond(label, policy, rule)) for label, policy, rule in corpus(folder)]
    text = "".join(json.dumps(policy) + "\n" for _, policy, _ in rows)
    lines = subprocess.run([program], input=text, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) == len(rows), f"{len(rows)} policies, {len(lines)} verdicts"

    wrong, good, beyond = 0, 0, set()
    for (label, policy, rule), line in zip(rows, lines):
        valid, verdict = validator.is_valid(policy), json.loads(line)
        good += verdict["good"]
        if rule is not None and valid:
            beyond.add(rule)
        what = disagreement(valid, verdict, rule)
        if what is not None:
            wrong += 1
            print(f"{label}: {what}", file=sys.stderr)

    # A corpus of one colour would prove nothing.
    assert good > 200 and len(rows) - good > 2000, f"{good} good of {len(rows)}"
    assert beyond == set(BEYOND_SCHEMA), f"never broken: {set(BEYOND_SCHEMA) - beyond}"
    print(f"{len(rows)} policies, {good} good; {wrong} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
