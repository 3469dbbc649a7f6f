# Two rotations of a FHIR and a DICOM service that have every writable property set: two versions, two imports, nothing else moved.
set -eu
. "$(dirname "$0")/lib.sh"

scenario_begin
scenario_key

# A service as the management API shows it, without what a change of the key has to change: the URL itself, the etag and
# the time of the change.
service_but_key() {
	arm GET "$1" | jq -S 'del(.properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl, .etag,
		.systemData.lastModifiedAt)
		| if .properties.encryption == {"customerManagedKeyEncryption": {}} then del(.properties.encryption) else . end'
}

service_key() {
	arm GET "$1" | jq -r '.properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl // "none"'
}

# The leaves that are set, by their places: the comparison must not pass because there is nothing to compare.
leaves() {
	jq -r '[paths(type != "object" and type != "array") | map(if type == "number" then 0 else . end) | map(tostring) | join(".")] | unique | .[]' "$1"
}

for place in \
	identity.type location tags.department kind \
	properties.acrConfiguration.loginServers.0 properties.acrConfiguration.ociArtifacts.0.loginServer \
	properties.acrConfiguration.ociArtifacts.0.imageName properties.acrConfiguration.ociArtifacts.0.digest \
	properties.authenticationConfiguration.audience properties.authenticationConfiguration.authority \
	properties.authenticationConfiguration.smartProxyEnabled \
	properties.authenticationConfiguration.smartIdentityProviders.0.authority \
	properties.authenticationConfiguration.smartIdentityProviders.0.applications.0.clientId \
	properties.authenticationConfiguration.smartIdentityProviders.0.applications.0.audience \
	properties.authenticationConfiguration.smartIdentityProviders.0.applications.0.allowedDataActions.0 \
	properties.corsConfiguration.origins.0 properties.corsConfiguration.headers.0 properties.corsConfiguration.methods.0 \
	properties.corsConfiguration.maxAge properties.corsConfiguration.allowCredentials \
	properties.exportConfiguration.storageAccountName \
	properties.implementationGuidesConfiguration.usCoreMissingData properties.importConfiguration.enabled \
	properties.importConfiguration.integrationDataStore properties.importConfiguration.initialImportMode \
	properties.publicNetworkAccess properties.resourceVersionPolicyConfiguration.default \
	properties.resourceVersionPolicyConfiguration.resourceTypeOverrides.Patient; do
	echo "$place"
done >"$play/fhir.places"
for place in \
	identity.type location tags.department properties.corsConfiguration.origins.0 properties.corsConfiguration.headers.0 \
	properties.corsConfiguration.methods.0 properties.corsConfiguration.maxAge properties.corsConfiguration.allowCredentials \
	properties.enableDataPartitions properties.publicNetworkAccess properties.storageConfiguration.storageResourceId \
	properties.storageConfiguration.fileSystemName; do
	echo "$place"
done >"$play/dicom.places"

for kind in fhir dicom; do
	eval "id=\$$kind"
	service_but_key "$id" >"$play/$kind.before"
	leaves "$play/$kind.before" >"$play/$kind.set"
	expect_equal "" "$(grep -vxFf "$play/$kind.set" "$play/$kind.places" || true)" "the $kind service has every writable property set"
	expect_equal none "$(service_key "$id")" "the $kind service has no key of the customer's yet"
done

# Two rotations; after each the services name one version and answer.
log_mark
for turn in first second; do
	run keyturn rotate radiology-cmk --reason "$turn"
	expect_status 0 "the $turn rotation succeeds"
	expect_text "main: repointed and confirmed" "it says so of the FHIR service ($turn)"
	expect_text "pacs: repointed and confirmed" "it says so of the DICOM service ($turn)"
	eval "$turn=\$(service_key "\"\$fhir\"")"
	expect_equal "$(service_key "$fhir")" "$(service_key "$dicom")" "both services name the same version ($turn)"
	arm GET "$fhir" | jq -e '.properties.provisioningState == "Succeeded"' >/dev/null || fail "FHIR is Succeeded" Succeeded other
done
[ "$first" != "$second" ] || fail "the second rotation moved the services" "another key URL than $first" "$second"
ok "the second rotation moved the services"

# Exactly two imports reached the vault, both as transfer blobs into an HSM key.
expect_equal 2 "$(log_count PUT '^/keys/')" "the request log shows exactly two imports"
expect_equal 2 "$(jq -s '[.[] | select(.method == "PUT" and (.path | startswith("/keys/")) and .body.key.kty == "RSA-HSM"
	and (.body.key.key_hsm | type) == "string" and .status == 200)] | length' "$play/emulator/requests.jsonl")" \
	"both were transfer blobs, and both were taken"
expect_equal 0 "$(log_count POST '^/keys/[^/]*/(create|rotate)')" "no key material was made inside the vault"

# Exactly two versions, both enabled, asked of the vault itself.
vault GET /keys/radiology-cmk/versions >"$play/versions"
expect_that '(.value | length) == 2 and (.nextLink == null)' "$play/versions" "the vault has exactly two versions"
expect_that 'all(.value[]; .attributes.enabled and .attributes.exp == null)' "$play/versions" "both are enabled and never expire"
expect_equal "$(printf '%s\n%s\n' "$first" "$second" | sort)" "$(jq -r '.value[].kid' "$play/versions" | sort)" \
	"they are the two that the services were pointed at"
expect_equal "$second" "$(vault GET /keys/radiology-cmk/ | jq -r .key.kid)" "the newest is the one in use"

# Property by property, nothing but the key URL changed.
for kind in fhir dicom; do
	eval "id=\$$kind"
	service_but_key "$id" >"$play/$kind.after"
	expect_equal "" "$(diff "$play/$kind.before" "$play/$kind.after" || true)" "nothing but the key URL changed in the $kind service"
done
# Each service was written once a rotation, and never by more than that.
expect_equal 4 "$(log_count PUT '/providers/Microsoft.HealthcareApis/')" "each service was put once a rotation"
expect_equal 0 "$(log_count PATCH .)" "nothing was patched"
expect_equal 0 "$(log_count DELETE .)" "nothing was deleted"

# Data of the first version's time is still readable: a probe unwraps the data keys of every version.
for host in "hospital-main.fhir.azurehealthcareapis.com/Patient?_count=1" "hospital-pacs.dicom.azurehealthcareapis.com/v2/studies?limit=1"; do
	case $host in *fhir*) audience=https://hospital-main.fhir.azurehealthcareapis.com ;; *) audience=https://dicom.healthcareapis.azure.com ;; esac
	request GET "https://$host" "" -H "Authorization: Bearer $(token "$audience")" >/dev/null
	case $(http) in 200 | 204) ok "${host%%/*} answers" ;; *) fail "${host%%/*} answers" "200 or 204" "$(http) $(cat "$play/answer")" ;; esac
done

# What the HSM holds: two key pairs, both sealed, and no scratch key.
expect_equal 2 "$(hsm_keys '')" "the HSM holds two private keys"
hsm_tool --list-objects --type privkey >"$play/hsm.keys"
expect_equal 2 "$(grep -c 'Access: .*sensitive' "$play/hsm.keys")" "both are sensitive"
expect_equal 0 "$(grep 'Access:' "$play/hsm.keys" | grep -v 'never extractable' | grep -cw extractable || true)" "neither may be extracted"
expect_equal 0 "$(hsm_tool --list-objects --type secrkey | grep -c 'Secret Key' || true)" "no wrapping key is left in the HSM"
expect_equal "" "$(ls "$play/state/blobs")" "no transfer blob is left on the disk"

# What keyturn says of it.
run keyturn audit verify --json
expect_status 0 "the journal verifies"
expect_json '.good and .head.matches and (.anchors | length) == 2 and all(.anchors[]; .matches) and .problems == [] and .unanchored_from == null' \
	"it is anchored in both versions' tags, up to its end"
journal_that '[.[] | select(.step == "import" and .phase == "done")] | length == 2' || fail "the journal tells of two imports" 2 other
ok "the journal tells of two imports"

run keyturn status radiology-cmk
expect_status 0 "status has no complaint"
expect_columns 80 "status fits 80 columns"
expect_text "healthy" "status says healthy"
run keyturn versions radiology-cmk
expect_status 0 "versions has no complaint"
expect_columns 80 "versions fits 80 columns"
run keyturn plan radiology-cmk --exit-code
expect_status 0 "nothing is due"
run keyturn check radiology-cmk
expect_status 0 "check finds nothing"

run keyturn status radiology-cmk --json
expect_status 0 "status answers as JSON"
expect_json ".v == 1 and .policy == \"radiology-cmk\" and .healthy and .kid == \"$second\" and .version == \"${second##*/}\"
	and .rotation == null and (.services | length) == 2 and .findings == []
	and all(.services[]; .kid == \"$second\" and .state == \"Succeeded\" and .probe == \"answers\")" "status says which version both use"
run keyturn versions radiology-cmk --json
expect_status 0 "versions answers as JSON"
expect_json ".v == 1 and (.versions | length) == 2 and .versions[0].kid == \"$second\" and .versions[1].kid == \"$first\"
	and all(.versions[]; .exists and .enabled and .expires == null and .provenance == \"hsm\" and .hsm == \"sealed\" and (.proven | length) > 0)
	and (.versions[0].services | sort) == [\"main\", \"pacs\"] and .versions[1].services == [] and .findings == []" \
	"versions ties HSM keys, versions and services together"

scenario_end
