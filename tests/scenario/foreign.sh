# Somebody makes a version inside Azure: it is called foreign everywhere, no service is pointed at it, and the next rotation heals.
set -eu
. "$(dirname "$0")/lib.sh"

scenario_begin
scenario_key
run keyturn rotate radiology-cmk
expect_status 0 "a first rotation succeeds"
run keyturn status radiology-cmk
expect_status 0 "and status is content"
ours=$(vault GET /keys/radiology-cmk | jq -r '.key.kid | split("/")[-1]')

vault POST /keys/radiology-cmk/rotate >/dev/null
foreign=$(vault GET /keys/radiology-cmk | jq -r '.key.kid | split("/")[-1]')
[ "$ours" != "$foreign" ] || fail "the vault made a version of its own" "another version" "$foreign"
log_mark

for command in status check; do
	run keyturn $command radiology-cmk
	expect_status 1 "$command exits with 1"
	expect_text "Version $foreign is foreign" "$command calls the version foreign"
	expect_text "rotation policy" "$command says where such versions come from"
done
run keyturn versions radiology-cmk --json
expect_json ".versions[0].version == \"$foreign\" and .versions[0].provenance == \"foreign\" and .versions[0].services == []" \
	"versions shows it as foreign and used by nobody"
run keyturn plan radiology-cmk --json
expect_json "any(.findings[]; .text | contains(\"$foreign is foreign\"))" "plan reports it"
expect_equal 0 "$(log_count PUT services)" "nothing was put to any service"

# It may not be taken for the one to go back to either.
run keyturn rollback radiology-cmk --to "$foreign"
expect_status 1 "a rollback to the foreign version is refused"
expect_text "neither passed prove nor was adopted" "and it is said why"

run keyturn rotate radiology-cmk
expect_status 0 "the next rotation goes on all the same"
newest=$(vault GET /keys/radiology-cmk | jq -r '.key.kid | split("/")[-1]')
for id in "$fhir" "$dicom"; do
	expect_equal "$newest" "$(arm GET "$id" |
		jq -r '.properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl | split("/")[-1]')" \
		"$(basename "$id") names the version from the HSM"
done
expect_equal true "$(vault GET "/keys/radiology-cmk/$foreign" | jq -r .attributes.enabled)" "the foreign version stays enabled"
run keyturn status radiology-cmk
expect_status 0 "status is content again"
expect_text "Version $foreign is foreign" "but remembers the foreign version"

# A service that somebody pointed at it: an alarm, and nothing is started on top of it.
body=$(arm GET "$fhir" | jq -c --arg kid "$vault_url/keys/radiology-cmk/$foreign" 'del(.id, .name, .type, .systemData, .etag, .identity.principalId,
	.identity.tenantId, .properties.provisioningState, .properties.privateEndpointConnections, .properties.eventState)
	| .properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl = $kid')
arm PUT "$fhir" "$body" >/dev/null
run keyturn status radiology-cmk
expect_status 1 "a service pointed at the foreign version is an alarm"
expect_text "neither proved nor adopted" "status says what is wrong with it"
log_mark
run keyturn rotate radiology-cmk
expect_status 1 "no rotation is started on top of that"
expect_text "keyturn adopt radiology-cmk" "and it is said what to do"
expect_equal 0 "$(log_count PUT '^/keys/')" "nothing was imported"
scenario_end
