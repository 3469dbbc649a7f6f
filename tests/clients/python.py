#!/usr/bin/python3
"""What python.sh asks of the Python SDK. Each part prints its checks, and the first that fails ends the program."""

import base64
import json
import os
import sys

from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.keyvault.keys import JsonWebKey, KeyClient, KeyOperation
from azure.keyvault.keys.crypto import KeyWrapAlgorithm
from azure.mgmt.healthcareapis import HealthcareApisManagementClient


def check(what, wanted, got):
    """One check."""
    if wanted != got:
        sys.exit(f"not ok - {what}\n  wanted: {wanted!r}\n  got:    {got!r}")
    print(f"ok - {what}", flush=True)


def refusal(function, *arguments, **options):
    """The status and code of the error that a call ends with."""
    try:
        function(*arguments, **options)
    except HttpResponseError as error:
        return error.status_code, error.error.code if error.error else None
    return "not refused"


def credential():
    """The client of the emulator's directory; its secret comes from the file that the ready file names."""
    with open(os.environ["client_secret_file"], encoding="ascii") as file:
        secret = file.read().strip()
    return ClientSecretCredential(os.environ["tenant"], os.environ["client_id"], secret)


def keys():
    """A client of the vault."""
    return KeyClient(os.environ["vault"], credential())


def save(key, path):
    """Write a key as the vault's REST interface shows it, as far as pem.py reads it."""
    members = {"kid": key.id, "kty": key.key_type, "crv": key.key.crv}
    for name in ("n", "e", "x", "y"):
        if value := getattr(key.key, name):
            members[name] = base64.urlsafe_b64encode(value).decode("ascii").rstrip("=")
    with open(path, "w", encoding="ascii") as file:
        json.dump({"key": members}, file)


def part_kek(path):
    """Make a key exchange key and save it."""
    made = keys().create_rsa_key("kek", size=3072, hardware_protected=True, key_operations=[KeyOperation.import_key])
    check("KeyClient.create_rsa_key makes a key exchange key", ("RSA-HSM", ["import"]), (made.key_type, made.key_operations))
    check("KeyClient.get_key shows it", made.id, keys().get_key("kek").id)
    save(made, path)


def byok(path, kty, curve):
    """A .byok file as the SDK wants it: the whole file is the member "t", which it sends as key_hsm."""
    with open(path, "rb") as file:
        return JsonWebKey(kty=kty, crv=curve or None, t=file.read())


def part_import(name, kty, curve, blob, path):
    """Import a .byok file of keyturn's and save what the vault made of it."""
    made = keys().import_key(name, byok(blob, kty, curve), hardware_protected=True)
    check(f"KeyClient.import_key takes keyturn's blob of an {kty} key", (name, kty), (made.name, made.key_type))
    save(made, path)


def part_use(name):
    """Wrap with the imported key's public half, which the SDK does by itself, and unwrap, which the vault does."""
    user = keys().get_cryptography_client(name)
    secret = os.urandom(32)
    for algorithm in (KeyWrapAlgorithm.rsa_oaep, KeyWrapAlgorithm.rsa_oaep_256):
        wrapped = user.wrap_key(algorithm, secret)
        unwrapped = user.unwrap_key(algorithm, wrapped.encrypted_key)
        check(f"CryptographyClient wraps and unwraps with {algorithm.value}", (True, wrapped.key_id),
              (unwrapped.key == secret, unwrapped.key_id))
    check("CryptographyClient is refused what another key would unwrap", (400, "BadParameter"),
          refusal(user.unwrap_key, KeyWrapAlgorithm.rsa_oaep, bytes(384)))


def part_versions(name):
    """Rotate, list, disable and enable versions."""
    client = keys()
    first = client.get_key(name)
    second = client.rotate_key(name)
    check("KeyClient.rotate_key makes another version", (True, second.id),
          (first.properties.version != second.properties.version, client.get_key(name).id))
    check("KeyClient.list_properties_of_key_versions lists both", sorted([first.id, second.id]),
          sorted(found.id for found in client.list_properties_of_key_versions(name)))
    check("KeyClient.list_properties_of_keys lists the keys", ["cmk", "kek", "signing"],
          sorted(found.name for found in client.list_properties_of_keys()))

    off = client.update_key_properties(name, first.properties.version, enabled=False, tags={"why": "test"})
    check("KeyClient.update_key_properties disables a version", (False, {"why": "test"}),
          (off.properties.enabled, off.properties.tags))
    check("a disabled version unwraps nothing", (403, "Forbidden"),
          refusal(client.get_cryptography_client(name, key_version=first.properties.version).unwrap_key,
                  KeyWrapAlgorithm.rsa_oaep, bytes(384)))
    on = client.update_key_properties(name, first.properties.version, enabled=True)
    check("KeyClient.update_key_properties enables it again", True, on.properties.enabled)

    # More versions than a page of a list holds: the SDK follows the emulator's nextLink.
    for _ in range(28):
        client.rotate_key("signing")
    check("the SDK follows the pages of a long list", 29, len(list(client.list_properties_of_key_versions("signing"))))


def part_refusals(blob):
    """What must not work, with the statuses and codes that the SDK shows."""
    client = keys()
    check("a missing key is not found", (404, "KeyNotFound"), refusal(client.get_key, "missing"))
    check("a blob of an RSA key is no EC key", (400, "BadParameter"),
          refusal(client.import_key, "wrong", byok(blob, "EC-HSM", "P-256"), hardware_protected=True))
    check("a blob with a changed byte is refused", (400, "BadParameter"),
          refusal(client.import_key, "wrong", changed(blob), hardware_protected=True))
    check("a key exchange key does nothing but import", (403, "Forbidden"),
          refusal(client.get_cryptography_client("kek").unwrap_key, KeyWrapAlgorithm.rsa_oaep, bytes(384)))


def changed(path):
    """The blob with another last byte of its ciphertext."""
    with open(path, encoding="ascii") as file:
        members = json.load(file)
    text = members["ciphertext"]
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw[-1] ^= 1
    members["ciphertext"] = base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")
    return JsonWebKey(kty="RSA-HSM", t=json.dumps(members).encode("ascii"))


def part_services():
    """Read and tag a service by way of Resource Manager."""
    client = HealthcareApisManagementClient(credential(), os.environ["subscription"])
    parts = os.environ["fhir"].split("/")
    group, workspace, name = parts[4], parts[8], parts[10]
    found = client.fhir_services.get(group, workspace, name)
    check("HealthcareApisManagementClient shows the FHIR service", (os.environ["fhir"], "Succeeded"),
          (found.id, found.properties.provisioning_state if hasattr(found, "properties") else found.provisioning_state))
    check("it lists the FHIR and DICOM services", [os.environ["fhir"], os.environ["dicom"]],
          [service.id for services in (client.fhir_services, client.dicom_services)
           for service in services.list_by_workspace(group, workspace)])
    tagged = client.fhir_services.begin_update(group, name, workspace, {"tags": {"owner": "python"}}).result()
    check("it tags a service and waits for the operation", {"owner": "python"}, tagged.tags)
    account = client.services.get(os.environ["service"].split("/")[4], os.environ["service"].split("/")[8])
    check("it shows the older account", os.environ["service"], account.id)


if __name__ == "__main__":
    globals()["part_" + sys.argv[1]](*sys.argv[2:])
