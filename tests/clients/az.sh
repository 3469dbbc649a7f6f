#!/bin/sh
# Debian's az, as it is, against the emulator: tests/clients/az.sh BUILD-FOLDER
set -eu

. "$(dirname "$0")/lib.sh"
clients_begin "$1" az
key() {
	az keyvault key "$@" --vault-name "$vault_name" --output json
}

clients_az_login >"$work/login.json"
is "az login signs in with the client's secret and finds the subscription" "$subscription" "$(jq -r '.[0].id' "$work/login.json")"

key create --name kek --kty RSA-HSM --size 4096 --ops import >"$work/kek.json"
is "az keyvault key create makes a key exchange key" "RSA-HSM import" \
	"$(jq -r '.key | "\(.kty) \(.keyOps | join(","))"' "$work/kek.json")"

# What the vault must not make of it: a key that may import and more is no key exchange key, and Azure says so at once.
refused "az keyvault key create with import and another operation is refused" BadParameter \
	key create --name not-a-kek --kty RSA-HSM --size 4096 --ops import wrapKey

clients_blob rsa:3072 cmk
key import --name cmk --kty RSA --protection hsm --byok-file "$work/cmk.byok" >"$work/first.json"
is "az keyvault key import takes keyturn's blob of an RSA key" "RSA-HSM $(clients_hsm_public cmk)" \
	"$(jq -r .key.kty "$work/first.json") $(clients_vault_public <"$work/first.json")"

clients_blob EC:prime256v1 signing
key import --name signing --kty EC --curve P-256 --protection hsm --byok-file "$work/signing.byok" >"$work/signing.json"
is "az keyvault key import takes keyturn's blob of an EC key" "EC-HSM P-256 $(clients_hsm_public signing)" \
	"$(jq -r '.key | "\(.kty) \(.crv)"' "$work/signing.json") $(clients_vault_public <"$work/signing.json")"

refused "az is refused a blob whose key is of another curve" BadParameter \
	key import --name wrong --kty EC --curve P-384 --protection hsm --byok-file "$work/signing.byok"

is "az keyvault key show shows the imported version" "$(jq -r .key.kid "$work/first.json")" \
	"$(key show --name cmk | jq -r .key.kid)"
is "az keyvault key show --id shows a version" "$(jq -r .key.n "$work/first.json")" \
	"$(az keyvault key show --id "$(jq -r .key.kid "$work/first.json")" --output json | jq -r .key.n)"
status=0
key show --name missing >"$work/refusal" 2>&1 || status=$?
is "az keyvault key show of an unknown key ends with az's status for that" "3 KeyNotFound" \
	"$status $(grep -o KeyNotFound "$work/refusal" | head -n 1)"

key rotate --name cmk >"$work/second.json"
is "az keyvault key rotate makes a version with other material" "different" \
	"$([ "$(jq -r .key.n "$work/first.json")" = "$(jq -r .key.n "$work/second.json")" ] && echo same || echo different)"
is "az keyvault key list-versions lists both" \
	"$(jq -r .key.kid "$work/first.json" "$work/second.json" | sort)" "$(key list-versions --name cmk | jq -r '.[].kid' | sort)"
is "az keyvault key list lists the keys" "cmk kek signing" "$(key list | jq -r '[.[].name] | sort | join(" ")')"

version=$(jq -r .key.kid "$work/second.json" | sed 's|.*/||')
is "az keyvault key set-attributes disables a version" "false" \
	"$(key set-attributes --name cmk --version "$version" --enabled false | jq -r .attributes.enabled)"
is "the vault has that version disabled and the other enabled" "true false" \
	"$(for file in first second; do key list-versions --name cmk | jq -r --arg kid "$(jq -r .key.kid "$work/$file.json")" \
		'.[] | select(.kid == $kid) | .attributes.enabled'; done | paste -s -d ' ')"
is "az keyvault key set-attributes enables it again" "true" \
	"$(key set-attributes --name cmk --version "$version" --enabled true | jq -r .attributes.enabled)"

# Resource Manager: the service's key URL, and that a PUT of everything that was read changes nothing else.
az resource show --ids "$fhir" --output json >"$work/before.json"
is "az resource show shows the FHIR service" "$fhir Succeeded" "$(jq -r '"\(.id) \(.properties.provisioningState)"' "$work/before.json")"
url=$(jq -r .key.kid "$work/first.json")
az resource update --ids "$fhir" --output json --set "properties.encryption=$(jq -nc --arg url "$url" \
	'{customerManagedKeyEncryption: {keyEncryptionKeyUrl: $url}}')" >"$work/after.json"
is "az resource update gives the FHIR service the imported key" "Succeeded $url" \
	"$(jq -r '"\(.properties.provisioningState) \(.properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl)"' "$work/after.json")"
is "az resource update changed nothing else" "$(jq -S 'del(.etag, .systemData)' "$work/before.json")" \
	"$(jq -S 'del(.etag, .systemData, .properties.encryption)' "$work/after.json")"
refused "az is refused a property that the service does not have" InvalidRequestContent \
	az resource update --ids "$fhir" --set properties.shoeSize=44
