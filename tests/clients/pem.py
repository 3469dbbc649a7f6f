#!/usr/bin/python3
"""Reads a key as Key Vault, az and the SDKs show it ({"key": {"kty", …}}) and writes its public key as a PEM file's text."""

import base64
import json
import sys

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVES = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}


def number(text):
    """az shows base64 with its padding, the REST interface base64url without."""
    text = text.rstrip("=").replace("+", "-").replace("/", "_")
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


key = json.load(sys.stdin)["key"]
if key["kty"].startswith("RSA"):
    numbers = rsa.RSAPublicNumbers(number(key["e"]), number(key["n"]))
else:
    numbers = ec.EllipticCurvePublicNumbers(number(key["x"]), number(key["y"]), CURVES[key["crv"]]())
public = numbers.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
sys.stdout.write(public.decode("ascii"))
