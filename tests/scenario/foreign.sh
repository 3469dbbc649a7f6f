# A version that the vault made by itself, as az keyvault key rotate does, between two runs: reported, never used, never touched.
set -eu
. "$(dirname "$0")/lib.sh"

scenario_begin
scenario_key
run keyturn rotate radiology-cmk --reason first
expect_status 0 "the first rotation succeeds"
ours=$(vault GET /keys/radiology-cmk/ | jq -r .key.kid)

vault POST /keys/radiology-cmk/rotate >"$play/rotated"
expect_equal 200 "$(http)" "the vault makes a version by itself"
foreign=$(jq -r .key.kid "$play/rotated")

service_key() {
	arm GET "$1" | jq -r .properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl
}

# Every command that looks reports it, by its version, and exits with 1.
for command in status check versions plan; do
	run keyturn $command radiology-cmk
	expect_text "Version ${foreign##*/} is foreign" "$command reports the foreign version"
	expect_text "az keyvault key rotate" "$command says what may have made it"
	expect_no_text "Version ${ours##*/} is foreign" "$command does not accuse ours"
	expect_columns 110 "$command keeps to a width that a person can read"
	case $command in
	plan) ;;
	*) expect_status 1 "$command exits with 1" ;;
	esac
	run keyturn $command radiology-cmk --json
	expect_json "any((.findings // .checks)[]; .level == \"problem\" and .subject == \"$foreign\")" "$command --json names it as a problem"
done
run keyturn versions radiology-cmk --json
expect_json "[.versions[] | {kid, provenance, services: (.services | length)}] == [{kid: \"$foreign\", provenance: \"foreign\", services: 0},
	{kid: \"$ours\", provenance: \"hsm\", services: 2}]" "versions shows what it is and that nobody uses it"

# No service goes there, not by a rollback either.
run keyturn rollback radiology-cmk --to "${foreign##*/}"
expect_failure "rollback does not go to a foreign version"
expect_text "neither passed prove nor was adopted" "it says why"
run keyturn revalidate radiology-cmk
expect_equal "$ours $ours" "$(service_key "$fhir") $(service_key "$dicom")" "both services stay with ours"

# The next rotation puts a version of ours in front, and leaves the foreign one alone.
log_mark
run keyturn rotate radiology-cmk --reason "past the foreign one"
expect_status 0 "the next rotation goes on"
expect_equal 1 "$(log_count PUT '^/keys/')" "by one import"
newest=$(vault GET /keys/radiology-cmk/ | jq -r .key.kid)
case $newest in "$ours" | "$foreign") fail "a new version is in front" "a third version" "$newest" ;; esac
expect_equal "$newest $newest" "$(service_key "$fhir") $(service_key "$dicom")" "both services name it"
vault GET "${foreign#"$vault_url"}" >"$play/after"
expect_equal "$(jq -S . "$play/rotated")" "$(jq -S . "$play/after")" "the foreign version is as it was, and enabled"
expect_equal 0 "$(log_count PATCH .)" "nothing was changed on any version"
expect_equal 0 "$(jq -s --arg kid "$foreign" '[.[] | select(.method == "PUT" and (.body | tostring | contains($kid)))] | length' \
	"$play/emulator/requests.jsonl")" "no service was ever put with its URL"

# With ours in front again it is a remark, not an alarm.
for command in status check versions; do
	run keyturn $command radiology-cmk
	expect_status 0 "$command is content again"
	expect_text "Version ${foreign##*/} is foreign" "$command still remarks on it"
done

# A rotation policy that makes such versions is found before it does.
vault PUT /keys/radiology-cmk/rotationpolicy \
	'{"lifetimeActions":[{"trigger":{"timeAfterCreate":"P90D"},"action":{"type":"Rotate"}}],"attributes":{}}' >/dev/null
expect_equal 200 "$(http)" "somebody sets a rotation policy in Azure"
run keyturn check radiology-cmk
expect_status 1 "check finds the rotation policy"
expect_text "rotation policy that makes new material inside Azure" "it says what it would do"

# A service that somebody pointed at the foreign version is reported; nothing is started until it is adopted or put back.
arm GET "$fhir" | jq --arg kid "$foreign" 'del(.id, .name, .type, .systemData, .etag, .identity.principalId, .identity.tenantId)
	| del(.properties.provisioningState, .properties.eventState, .properties.privateEndpointConnections)
	| .properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl = $kid' >"$play/put"
arm PUT "$fhir" "$(cat "$play/put")" >/dev/null
expect_equal "$foreign" "$(service_key "$fhir")" "somebody points FHIR at the foreign version"
log_mark
for command in status check plan rotate; do
	run keyturn $command radiology-cmk
	expect_status 1 "$command reports it"
	expect_text "neither proved nor adopted" "$command says what is wrong"
done
expect_equal 0 "$(log_count PUT .)" "nothing was written to Azure"
run keyturn rollback radiology-cmk --to "${newest##*/}"
expect_status 0 "rollback --to puts it back"
expect_equal "$newest" "$(service_key "$fhir")" "FHIR names ours again"

scenario_end
