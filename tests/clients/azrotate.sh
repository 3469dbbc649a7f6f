#!/bin/sh
# Someone rotates keyturn's key with az, between two of keyturn's runs: tests/clients/azrotate.sh BUILD-FOLDER
set -eu

. "$(dirname "$0")/lib.sh"
clients_begin "$1" azrotate
playground_policy "$work" cmk

# keyturn goes to the emulator by its own settings, az by the proxy.
fingerprint=$(keyturn kek enroll cmk --json 2>"$work/keyturn.log" | jq -r .fingerprint)
keyturn kek enroll cmk --fingerprint "$fingerprint" >>"$work/keyturn.log" 2>&1
keyturn rotate cmk >>"$work/keyturn.log" 2>&1 || { cat "$work/keyturn.log"; exit 1; }
first=$(keyturn versions cmk --json | jq -r '.versions[0].kid')

(clients_az_login >"$work/login.json" && az keyvault key rotate --vault-name "$vault_name" --name cmk --output json) >"$work/rotated.json"
foreign=$(jq -r .key.kid "$work/rotated.json")
is "az keyvault key rotate puts a version of its own in front" different "$([ "$foreign" = "$first" ] && echo same || echo different)"

# keyturn versions: 1 is its exit status for a problem that it reports.
origins='[.versions[] | "\(.kid) \(.provenance) \(.services | sort | join(","))"] | sort | .[]'
status=0
keyturn versions cmk --json >"$work/versions.json" || status=$?
is "keyturn versions reports it as foreign, and the services where they were" \
	"1 $(printf '%s\n' "$first hsm main,pacs" "$foreign foreign " | sort)" "$status $(jq -r "$origins" "$work/versions.json")"
status=0
keyturn status cmk --json >"$work/status.json" || status=$?
is "keyturn status is not healthy" "1 false" "$status $(jq -r .healthy "$work/status.json")"

# The next rotation puts a version from the HSM in front of it.
keyturn rotate cmk >"$work/keyturn.log" 2>&1 || { cat "$work/keyturn.log"; exit 1; }
keyturn versions cmk --json >"$work/versions.json" || { cat "$work/versions.json"; exit 1; }
second=$(jq -r '.versions[] | select(.services != []) | .kid' "$work/versions.json")
is "keyturn rotate makes a version from the HSM, and the services take that" \
	"$(printf '%s\n' "$first hsm " "$foreign foreign " "$second hsm main,pacs" | sort)" "$(jq -r "$origins" "$work/versions.json")"
is "no service was ever pointed at the foreign version" 0 "$(jq -c --arg kid "$foreign" \
	'select(.host == "management.azure.com" and .method != "GET" and (.body | tostring | contains($kid)))' "$work/emulator/requests.jsonl" | wc -l)"
