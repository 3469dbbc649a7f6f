# A tenant whose services use a key that was made inside the vault: adopted as it is, rotated, rolled back, rotated again.
set -eu
. "$(dirname "$0")/lib.sh"

scenario_begin

# The tenant as somebody set it up by az: a software-made key in the vault, and each service put with its URL.
vault POST /keys/radiology-cmk/create '{"kty":"RSA","key_size":3072,"key_ops":["wrapKey","unwrapKey"]}' >"$play/created"
old=$(jq -r .key.kid "$play/created")
for id in "$fhir" "$dicom"; do
	arm GET "$id" | jq --arg kid "$old" '{location, tags, kind, identity, properties} | with_entries(select(.value != null))
		| del(.identity.principalId, .identity.tenantId) | del(.identity.userAssignedIdentities[]?[])
		| del(.properties.provisioningState, .properties.eventState, .properties.privateEndpointConnections, .properties.serviceUrl)
		| if .kind then . else del(.properties.authenticationConfiguration) end
		| .properties.encryption = {customerManagedKeyEncryption: {keyEncryptionKeyUrl: $kid}}' >"$play/put"
	arm PUT "$id" "$(cat "$play/put")" >/dev/null
	case $(http) in 20*) ;; *) fail "the tenant's service takes the key" 20x "$(http) $(cat "$play/answer")" ;; esac
done

service_key() {
	arm GET "$1" | jq -r 'select(.properties.provisioningState == "Succeeded")
		| .properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl // "none"'
}

# both_name KID SENTENCE
both_name() {
	expect_equal "$1 $1" "$(service_key "$fhir") $(service_key "$dicom")" "$2"
}

both_name "$old" "both services use a key that was made in the vault"
scenario_key

# Before adoption nothing is done, and it is said what to do.
log_mark
for command in check plan status; do
	run keyturn $command radiology-cmk
	expect_status 1 "$command sees a problem before the adoption"
	expect_text "keyturn adopt radiology-cmk" "$command says to adopt"
done
run keyturn rotate radiology-cmk
expect_status 1 "rotate is refused before the adoption"
expect_text "keyturn adopt radiology-cmk" "it says to adopt"
expect_equal 0 "$(log_count PUT .)" "nothing was written to Azure"
expect_equal 0 "$(hsm_keys '')" "no key was made in the HSM"
run keyturn rollback radiology-cmk
expect_failure "there is nothing to roll back to either"

# Adopting changes nothing in Azure.
log_mark
run keyturn adopt radiology-cmk --reason "taken over from the vault's own key"
expect_status 0 "the tenant is adopted"
expect_text "${old##*/}" "it says which version"
expect_equal 0 "$(log_count PUT .)$(log_count PATCH . | tr -d 0)" "nothing was written to Azure"
for command in check plan status versions; do
	run keyturn $command radiology-cmk
	expect_status 0 "$command is content after the adoption"
done
run keyturn versions radiology-cmk --json
expect_json ".versions | length == 1 and .[0].kid == \"$old\" and .[0].provenance == \"adopted\" and (.[0].services | length) == 2" \
	"versions shows it as adopted"

# The rotation: one import, the services move, the old version stays as it is.
log_mark
run keyturn rotate radiology-cmk --reason "from the vault's key to the HSM's"
expect_status 0 "the rotation succeeds"
expect_equal 1 "$(log_count PUT '^/keys/')" "by one import"
new=$(service_key "$fhir")
[ "$new" != "$old" ] || fail "the services moved" "another version" "$new"
both_name "$new" "both services moved to the new version"
expect_equal "$(jq -c '.key | {kid, kty, key_ops, n}' "$play/created") true" \
	"$(vault GET "${old#"$vault_url"}" | jq -c '.key | {kid, kty, key_ops, n}') $(jq -r .attributes.enabled "$play/answer")" \
	"the old version is as it was, and enabled"
run keyturn versions radiology-cmk --json
expect_status 0 "versions is content"
expect_json "[.versions[] | {kid, provenance, enabled}] == [{kid: \"$new\", provenance: \"hsm\", enabled: true},
	{kid: \"$old\", provenance: \"adopted\", enabled: true}]" "versions tells the origins apart"

# Back again. No key is made, none is touched, and the plan does not rush forward.
log_mark
run keyturn rollback radiology-cmk --reason "the new key is under suspicion"
expect_status 0 "rollback succeeds"
both_name "$old" "both services are back at the old version"
expect_equal 0 "$(log_count PUT '^/keys/')" "no key was imported"
expect_equal 2 "$(log_count PUT '/providers/Microsoft.HealthcareApis/')" "each service was put once"
run keyturn plan radiology-cmk --exit-code
expect_text "rolled back" "plan says that the policy was rolled back"
run keyturn plan radiology-cmk --json
expect_json '(.due | not) and (.reason | contains("rolled back"))' "nothing is due by itself after a rollback"
run keyturn status radiology-cmk --json
expect_status 0 "status is content with the old version"
expect_json ".kid == \"$old\"" "it shows the old version in use"
run keyturn versions radiology-cmk --json
expect_json "all(.versions[]; .enabled) and (.versions | length) == 2" "both versions are enabled"
run keyturn rollback radiology-cmk
expect_failure "there is nothing before the old version"
both_name "$old" "and the services stay where they are"

# To a named version and nowhere else.
run keyturn rollback radiology-cmk --to 0123456789abcdef0123456789abcdef
expect_failure "a version that is not there is refused"
expect_text "no such version" "it says so"
both_name "$old" "and the services stay where they are"
run keyturn rollback radiology-cmk --to "${new##*/}"
expect_status 0 "--to goes to a proven version"
both_name "$new" "both services are at the version that was named"
run keyturn rollback radiology-cmk
expect_status 0 "and back"

# By hand it goes forward again.
log_mark
run keyturn rotate radiology-cmk --reason "a key above suspicion"
expect_status 0 "rotate works after a rollback"
expect_equal 1 "$(log_count PUT '^/keys/')" "by one import"
third=$(service_key "$fhir")
case $third in "$old" | "$new") fail "the services have a third version" "a new URL" "$third" ;; esac
both_name "$third" "both services have a third version"
expect_equal 3 "$(vault GET /keys/radiology-cmk/versions | jq '[.value[] | select(.attributes.enabled)] | length')" "all three are enabled"
for command in check status versions "audit verify"; do
	run keyturn $command radiology-cmk
	expect_status 0 "$command is content at the end"
done
journal_that 'map(select(.phase == "done") | .step) | . as $steps | ["adopt", "rollback"] | all(. as $s | $steps | index($s))' ||
	fail "adoption and rollbacks are in the journal" both other
ok "adoption and rollbacks are in the journal"

scenario_end
