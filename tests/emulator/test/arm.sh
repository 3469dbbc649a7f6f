#!/bin/bash
# Drive azure-emulator's Resource Manager, health services and data plane by curl alone. Nothing is left running.
# usage: arm.sh PATH-OF-AZURE-EMULATOR
set -u

binary=${1:?usage: arm.sh PATH-OF-AZURE-EMULATOR}
dir=$(mktemp -d)
failures=0
checks=0
pid=
status=none

finish() {
	[ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid"
	rm -rf "$dir"
}
trap finish EXIT

start() {
	rm -f "$dir/ready"
	${RUN:-} "$binary" --listen 127.0.0.1:0 --state "$dir/state" --tls-dir "$dir/tls" --log "$dir/log" --ready "$dir/ready" 2>"$dir/stderr" &
	pid=$!
	until [ -f "$dir/ready" ]; do
		kill -0 "$pid" 2>/dev/null || { cat "$dir/stderr"; echo "FAIL: the server did not start"; exit 1; }
		sleep 0.05
	done
	port=$(ready port)
}

stop() {
	kill -TERM "$pid"
	wait "$pid"
	check "the server ends cleanly on SIGTERM" test $? = 0
	check "and said nothing on stderr" test ! -s "$dir/stderr"
	pid=
}

ready() { jq -r ".$1" "$dir/ready"; }

# check NAME COMMAND...: the command must succeed.
check() {
	local name=$1
	shift
	checks=$((checks + 1))
	"$@" && return
	failures=$((failures + 1))
	echo "FAIL: $name"
	echo "      status $status, body $(head -c 800 "$dir/body")"
}

# Sets status; leaves the body in $dir/body and the headers in $dir/head.
request() {
	: >"$dir/body"
	status=$(curl -sS --cacert "$dir/tls/ca.pem" --connect-to "::127.0.0.1:$port" -o "$dir/body" -D "$dir/head" -w '%{http_code}' "$@" 2>"$dir/curl-error") ||
		status="curl-$?"
}

token() { # RESOURCE
	request -d grant_type=client_credentials -d "client_id=$client" --data-urlencode "client_secret@$(ready client_secret_file)" \
		--data-urlencode "scope=$1/.default" "https://login.microsoftonline.com/$tenant/oauth2/v2.0/token"
	jq -r .access_token "$dir/body"
}

# arm METHOD PATH [BODY [curl arguments]]: api-version 2024-03-31 unless the path has one.
arm() {
	local method=$1 path=$2 body=${3:-}
	shift $(($# < 3 ? $# : 3))
	case $path in *api-version*) ;; *\?*) path="$path&api-version=2024-03-31" ;; *) path="$path?api-version=2024-03-31" ;; esac
	request -X "$method" -H "Authorization: Bearer $arm_token" ${body:+-H "Content-Type: application/json" -d "$body"} "$@" "https://management.azure.com$path"
}

# kv METHOD PATH [BODY]
kv() { request -X "$1" -H "Authorization: Bearer $kv_token" ${3:+-H "Content-Type: application/json" -d "$3"} "https://$vault.vault.azure.net$2?api-version=7.4"; }

control() { request -X "$1" ${3:+-H "Content-Type: application/json" -d "$3"} "https://control.localhost$2"; }

is() { test "$status" = "$1" && { [ $# -lt 2 ] || jq -e "$2" "$dir/body" >"$dir/jq" 2>&1; }; }
expect() { check "$1" is "${@:2}"; } # NAME STATUS [JQ]
refused() { expect "$1" "$2" ".error.code == \"$3\" and (.error.message | length > 0)"; } # NAME STATUS CODE
header() { sed -n "s/^$1: //Ip" "$dir/head" | tr -d '\r'; }
has_header() { test -n "$(header "$1")"; }
lacks_header() { test -z "$(header "$1")"; }

# Time passes by order, so no test waits for it.
later() { control POST /clock "{\"advance_s\": $1}"; }

operations() { control POST /operations "$1"; }

# A PUT that runs to its end; the resource as it is then is left in $dir/body.
put() { # ID BODY [VERSION]
	arm PUT "$1?api-version=${3:-2024-03-31}" "$2"
	put_status=$status
	cp "$dir/body" "$dir/put"
	later 10
	arm GET "$1?api-version=2024-03-31"
}

# What a well-behaved client sends back of a GET.
strip='del(.id, .name, .type, .systemData, .etag, .identity.principalId, .identity.tenantId, .properties.provisioningState, .properties.privateEndpointConnections,
	.properties.eventState, .properties.serviceUrl) | if .identity.userAssignedIdentities then .identity.userAssignedIdentities |= map_values({}) else . end
	| if (.properties.authenticationConfiguration.audiences) then del(.properties.authenticationConfiguration) else . end'
# What must be equal before and after.
stable='del(.etag, .systemData.lastModifiedAt, .properties.encryption)'

get() { # ID: prints the resource
	arm GET "$1"
	cat "$dir/body"
}
point() { # ID URL: PUT the resource as it is with another key URL
	put "$1" "$(get "$1" | jq -c --arg url "$2" "$strip | .properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl = \$url")"
}

probe_fhir() { request -H "Authorization: Bearer $fhir_token" "https://hospital-main.fhir.azurehealthcareapis.com/Patient?_count=1"; }
probe_dicom() {
	request -H "Authorization: Bearer $dicom_token" -H "Accept: application/dicom+json" "https://hospital-pacs.dicom.azurehealthcareapis.com/v2/studies?limit=1"
}
probe_legacy() { request -H "Authorization: Bearer $legacy_token" "https://$1.azurehealthcareapis.com/Patient?_count=1"; }

new_key() { # NAME BODY: prints the kid of the new version
	kv POST "/keys/$1/create" "$2"
	jq -r .key.kid "$dir/body"
}
enable() { control PATCH "/keys/${1#*/keys/}" "{\"enabled\": $2}"; } # KID true|false
role() { control POST /roles "{\"action\": \"$1\", \"role\": \"$2\", \"principal\": \"$3\", \"scope\": \"$4\"}"; }

start
tenant=$(ready tenant) client=$(ready client_id) vault_id=$(ready vault_id) vault=${vault_id##*/}
fhir=$(ready fhir) dicom=$(ready dicom) service=$(ready service) subscription=$(ready subscription)
group=${service%/providers/*}
arm_token=$(token https://management.azure.com) kv_token=$(token https://vault.azure.net)
fhir_token=$(token https://hospital-main.fhir.azurehealthcareapis.com) dicom_token=$(token https://dicom.healthcareapis.azure.com)
legacy_token=$(token https://hospitalfhir.azurehealthcareapis.com)
control GET /state
object_id=$(jq -r .client_object_id "$dir/body")

# --- At the door ---------------------------------------------------------------------------------------------------------------------------------------
request "https://management.azure.com$fhir?api-version=2024-03-31"
expect "no token: 401" 401 .error.code
check "no token: WWW-Authenticate" has_header WWW-Authenticate
request -H "Authorization: Bearer $kv_token" "https://management.azure.com$fhir?api-version=2024-03-31"
expect "a token for the vault: 401" 401 .error.code
request -H "Authorization: Bearer $arm_token" "https://management.azure.com$fhir"
refused "no api-version" 400 MissingApiVersionParameter
arm GET "$fhir?api-version=soon"
refused "an api-version that is no date" 400 InvalidApiVersionParameter
arm GET "$fhir?api-version=2023-06-01-preview"
refused "an unknown api-version" 400 NoRegisteredProviderFound
arm GET "/subscriptions?api-version=1999-01-01"
refused "an unknown api-version of Resource Manager itself" 400 InvalidApiVersionParameter
arm GET "${fhir/$subscription/00000000-0000-0000-0000-000000000000}"
refused "another subscription" 404 SubscriptionNotFound
arm GET "${fhir/hospital-rg/other-rg}"
refused "another group" 404 ResourceGroupNotFound
arm GET "${fhir}x"
refused "another service" 404 ResourceNotFound
arm GET "$group/providers/Microsoft.Nowhere/things/x"
refused "another provider" 404 InvalidResourceNamespace
arm GET "$group/providers/Microsoft.HealthcareApis/things/x"
refused "another type" 404 InvalidResourceType
arm POST "$fhir" "{}"
refused "a method that is not known" 405 MethodNotAllowed
arm GET "$(printf %s "$fhir" | tr '[:lower:]' '[:upper:]')"
expect "ids are compared without case" 200 '.name == "main"'
arm GET "$fhir" "" -H "x-ms-client-request-id: 42" -H "x-ms-return-client-request-id: true"
check "the client's request id comes back" test "$(header x-ms-client-request-id)" = 42
check "a request id comes" has_header x-ms-request-id
role remove b24988ac-6180-42a0-ab88-20f7382dd24c "$object_id" "$group"
arm PUT "$fhir" "{}"
refused "no right to write" 403 AuthorizationFailed
role add b24988ac-6180-42a0-ab88-20f7382dd24c "$object_id" "$group"

# --- Api-versions show what they know --------------------------------------------------------------------------------------------------------------------
arm GET "$fhir"
expect "read-only values are shown" 200 '(.etag | length > 8) and .systemData.createdAt and .properties.provisioningState == "Succeeded"
	and (.identity.principalId | length == 36) and .properties.eventState and .properties.authenticationConfiguration.smartIdentityProviders'
arm GET "$fhir?api-version=2023-11-01"
expect "2023-11-01 hides smartIdentityProviders" 200 '.properties.authenticationConfiguration | .audience and (has("smartIdentityProviders") | not)'
arm GET "$dicom?api-version=2023-11-01"
expect "2023-11-01 hides storageConfiguration and enableDataPartitions" 200 '.properties | (has("storageConfiguration") or has("enableDataPartitions")) | not'
arm GET "$dicom"
expect "2024-03-31 shows them" 200 '.properties | has("storageConfiguration") and has("enableDataPartitions") and (.serviceUrl | startswith("https://hospital-pacs.dicom."))'

# --- Keys ------------------------------------------------------------------------------------------------------------------------------------------------
rsa='{"kty": "RSA-HSM", "key_size": 3072, "key_ops": ["wrapKey", "unwrapKey"]}'
v1=$(new_key cmk "$rsa") v2=$(new_key cmk '{"kty": "RSA", "key_size": 2048}')
big=$(new_key big '{"kty": "RSA", "key_size": 4096}') ec=$(new_key ec '{"kty": "EC", "crv": "P-256"}') sign=$(new_key sign '{"kty": "RSA", "key_size": 2048, "key_ops": ["sign"]}')
arm GET "$vault_id/keys/cmk/versions/${v1##*/}?api-version=2023-07-01"
expect "a version under Resource Manager" 200 ".properties.keyUriWithVersion == \"$v1\" and .properties.keySize == 3072 and .properties.attributes.enabled"
arm GET "$vault_id/keys/cmk/versions?api-version=2023-07-01"
expect "versions under Resource Manager" 200 '.value | length == 2'
arm GET "$vault_id/keys/cmk?api-version=2023-07-01"
expect "the key under Resource Manager" 200 ".properties.keyUriWithVersion == \"$v2\""
arm GET "$vault_id/keys?api-version=2023-07-01"
expect "keys under Resource Manager" 200 '.value | length == 4'

# --- A PUT is a replacement, in three styles ---------------------------------------------------------------------------------------------------------------
for id in "$fhir" "$dicom"; do
	name=${id##*/}
	get "$id" | jq -S "$stable" >"$dir/before"
	point "$id" "$v1"
	expect "$name: the first version is in use" 200 ".properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl == \"$v1\" and .properties.provisioningState == \"Succeeded\""
	check "$name: the PUT was accepted as long-running" test "$put_status" = 202
	check "$name: it answered Updating" jq -e '.properties.provisioningState == "Updating"' "$dir/put" -r >/dev/null
	jq -S "$stable" "$dir/body" >"$dir/after"
	check "$name: nothing but the key's URL changed" cmp "$dir/before" "$dir/after"
	arm GET "$id?api-version=2022-12-01"
	expect "$name: versions before 2023-11-01 have no encryption" 200 '.properties | has("encryption") | not'
	arm PUT "$id?api-version=2022-12-01" '{"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": {"encryption": {}}}'
	refused "$name: nor take it" 400 InvalidRequestContent
done

operations '{"style": "azure-async", "duration_s": 100, "retry_after_s": 7}'
arm PUT "$fhir" "$(get "$fhir" | jq -c "$strip")"
expect "azure-async: 202 with a body" 202 .id
check "azure-async: no Location" lacks_header Location
check "azure-async: Retry-After" test "$(header Retry-After)" = 7
poll=$(header Azure-AsyncOperation) && poll=${poll#https://management.azure.com}
arm GET "$poll"
expect "azure-async: 200 while it runs" 200 '.status == "Requested" and .startTime'
arm PUT "$fhir" "$(get "$fhir" | jq -c "$strip")"
refused "a second PUT meanwhile" 409 AnotherOperationInProgress
arm DELETE "$fhir"
refused "a DELETE meanwhile" 409 AnotherOperationInProgress
later 60
arm GET "$poll"
expect "azure-async: then Running" 200 '.status == "Running"'
later 60
arm GET "$poll"
expect "azure-async: then Succeeded" 200 '.status == "Succeeded" and .endTime'

operations '{"style": "location"}'
arm PUT "$fhir" "$(get "$fhir" | jq -c "$strip")"
expect "location: 202" 202
check "location: no Azure-AsyncOperation" lacks_header Azure-AsyncOperation
poll=$(header Location) && poll=${poll#https://management.azure.com}
arm GET "$poll"
expect "location: 202 while it runs" 202
check "location: without a body" test ! -s "$dir/body"
later 120
arm GET "$poll"
expect "location: then the resource" 200 '.properties.provisioningState == "Succeeded"'

operations '{"style": "provisioningState"}'
arm PUT "$fhir" "$(get "$fhir" | jq -c "$strip")"
expect "provisioningState: 200" 200 '.properties.provisioningState == "Updating"'
check "provisioningState: no polling URL" lacks_header Azure-AsyncOperation
check "provisioningState: no polling URL" lacks_header Location
arm GET "$fhir"
expect "provisioningState: Updating" 200 '.properties.provisioningState == "Updating"'
later 120
arm GET "$fhir"
expect "provisioningState: then Succeeded" 200 '.properties.provisioningState == "Succeeded"'

operations '{"style": "all", "duration_s": 1, "end": "Failed"}'
point "$fhir" "$v2"
expect "an ordered failure leaves the old value" 200 ".properties.provisioningState == \"Failed\" and .properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl == \"$v1\""
operations '{"end": "Canceled"}'
arm PUT "$fhir" "$(get "$fhir" | jq -c "$strip")"
poll=$(header Location) && poll=${poll#https://management.azure.com}
later 10
arm GET "$poll"
refused "a Location that ends badly" 400 OperationCanceled
operations '{"end": "Succeeded", "keep_old_value": true}'
point "$fhir" "$v2"
expect "a success that changed nothing" 200 ".properties.provisioningState == \"Succeeded\" and .properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl == \"$v1\""
operations '{"keep_old_value": false, "end": "Failed"}'
point "$fhir" "$v1"
expect "a failure that changed something" 200 ".properties.provisioningState == \"Failed\" and .properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl == \"$v1\""
operations '{"end": "never"}'
point "$dicom" "$v1"
expect "an operation without end" 200 '.properties.provisioningState == "Updating"'
control DELETE /operations
expect "the running ones are set free" 204
later 10
point "$fhir" "$v1"
arm GET "$dicom"
expect "and end" 200 '.properties.provisioningState == "Succeeded"'

# --- What a PUT may not say -----------------------------------------------------------------------------------------------------------------------------
whole=$(get "$fhir" | jq -c .)
bad() { # NAME STATUS CODE JQ
	arm PUT "$fhir" "$(printf %s "$whole" | jq -c "$4")"
	refused "$1" "$2" "$3"
}
bad "a provisioningState that differs" 400 PropertyChangeNotAllowed '.properties.provisioningState = "Updating"'
bad "an eventState that differs" 400 PropertyChangeNotAllowed '.properties.eventState = "Enabled"'
bad "another id" 400 PropertyChangeNotAllowed '.id += "x"'
bad "another principal" 400 PropertyChangeNotAllowed '.identity.principalId = "00000000-0000-0000-0000-000000000000"'
bad "other systemData" 400 PropertyChangeNotAllowed '.systemData.createdBy = "me"'
bad "an unknown property" 400 InvalidRequestContent '.properties.colour = "red"'
bad "an unknown property deep inside" 400 InvalidRequestContent '.properties.corsConfiguration.colour = "red"'
bad "a wrong type" 400 InvalidRequestContent '.properties.corsConfiguration.maxAge = "long"'
bad "a number out of range" 400 InvalidRequestContent '.properties.corsConfiguration.maxAge = 100000'
bad "a value that is not in the list" 400 InvalidRequestContent '.properties.publicNetworkAccess = "Perhaps"'
bad "an origin that is no URL" 400 InvalidRequestContent '.properties.corsConfiguration.origins = ["ftp://x"]'
bad "another kind" 400 PropertyChangeNotAllowed '.kind = "fhir-Stu3"'
bad "another place" 409 InvalidResourceLocation '.location = "eastus"'
bad "no place" 400 LocationRequired 'del(.location)'
bad "another etag" 412 PreconditionFailed '.etag = "old"'
bad "a key URL without a version" 400 InvalidKeyEncryptionKeyUrl ".properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl = \"${v1%/*}\""
bad "a key URL outside a vault" 400 InvalidKeyEncryptionKeyUrl '.properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl = "https://example.com/keys/a/b"'
bad "an identity type without its identities" 400 InvalidRequestContent '.identity = {"type": "UserAssigned"}'
bad "an identity that is not there" 400 FailedIdentityOperation \
	".identity = {\"type\": \"UserAssigned\", \"userAssignedIdentities\": {\"$group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/nobody\": {}}}"
bad "not an object" 400 InvalidRequestContent '[1]'
arm PUT "$fhir" "$whole" -H 'If-Match: "old"'
refused "If-Match with another etag" 412 PreconditionFailed
arm PUT "$fhir" "$whole" -H 'If-None-Match: *'
refused "If-None-Match on what is there" 412 PreconditionFailed
arm PUT "${fhir/hospital\/fhir/elsewhere/fhir}" "$whole"
refused "a workspace that is not there" 404 ParentResourceNotFound
put "$fhir" "$(printf %s "$whole" | jq -c '.systemData |= with_entries(if .key | endswith("At") then .value |= sub("0000Z$"; "Z") else . end)')"
expect "the whole GET, sent back (times with fewer digits), is taken" 200 '.properties.provisioningState == "Succeeded"'
arm PATCH "$fhir" '{"properties": {"encryption": {}}}'
refused "PATCH cannot change the key" 400 InvalidRequestContent
arm PATCH "$fhir" '{"tags": {"a": "b"}}'
expect "PATCH of tags is long-running" 202 '.tags == {"a": "b"}'
later 10
role remove 18d7d88d-d35e-4fb5-a5c3-7773c20a72d9 "$object_id" "$group"
arm PUT "$fhir/providers/Microsoft.Authorization/locks/freeze?api-version=2020-05-01" '{"properties": {"level": "ReadOnly"}}'
refused "a contributor sets no locks" 403 AuthorizationFailed
role add 18d7d88d-d35e-4fb5-a5c3-7773c20a72d9 "$object_id" "$group"
arm PUT "$fhir/providers/Microsoft.Authorization/locks/freeze?api-version=2020-05-01" '{"properties": {"level": "ReadOnly"}}'
expect "a lock" 201
arm GET "$fhir/providers/Microsoft.Authorization/locks?api-version=2020-05-01"
expect "is listed" 200 '.value[0].properties.level == "ReadOnly"'
arm PUT "$fhir" "$whole"
refused "a locked service" 409 ScopeLocked
arm DELETE "$fhir/providers/Microsoft.Authorization/locks/freeze?api-version=2020-05-01"
expect "the lock is off" 200

# --- Which keys a service takes ------------------------------------------------------------------------------------------------------------------------
for id in "$fhir" "$dicom"; do
	for key in "$big" "$ec" "$sign" "${v1}0"; do
		point "$id" "$key"
		expect "${id##*/}: the key $key fails" 200 ".properties.provisioningState == \"Failed\" and .properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl == \"$v1\""
	done
done
principal=$(get "$fhir" | jq -r .identity.principalId)
role remove e147488a-f6f5-4113-8e2d-b22465e65bf6 "$principal" "$vault_id"
arm PUT "$fhir" "$(get "$fhir" | jq -c --arg url "$v2" "$strip | .properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl = \$url")"
poll=$(header Azure-AsyncOperation) && poll=${poll#https://management.azure.com}
later 10
arm GET "$poll"
expect "without the role the operation says why" 200 '.status == "Failed" and .error.code == "CustomerManagedKeyAccessLost" and (.error.message | test("Forbidden"))'
role add e147488a-f6f5-4113-8e2d-b22465e65bf6 "$principal" "$vault_id"

# --- Two versions, and data that needs both --------------------------------------------------------------------------------------------------------------
for id in "$fhir" "$dicom"; do
	point "$id" "$v2"
	expect "${id##*/}: the second version is in use" 200 ".properties.encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl == \"$v2\""
done
request "https://hospital-main.fhir.azurehealthcareapis.com/metadata"
expect "metadata needs nobody's leave" 200 '.resourceType == "CapabilityStatement"'
request "https://hospital-main.fhir.azurehealthcareapis.com/Patient?_count=1"
expect "FHIR without a token" 401 '.resourceType == "OperationOutcome"'
request -H "Authorization: Bearer $arm_token" "https://hospital-main.fhir.azurehealthcareapis.com/Patient?_count=1"
expect "FHIR with a token for something else" 401 '.resourceType == "OperationOutcome"'
request -H "Authorization: Bearer $fhir_token" "https://hospital-pacs.dicom.azurehealthcareapis.com/v2/studies?limit=1"
expect "DICOM with a token for something else" 401 .error
probe_fhir
expect "FHIR answers" 200 '.resourceType == "Bundle" and (.entry | length == 1)'
probe_dicom
expect "DICOM answers" 200 'length == 1'
request -H "Authorization: Bearer $dicom_token" "https://hospital-pacs.dicom.azurehealthcareapis.com/v2/studies?limit=1&PatientID=nobody"
expect "DICOM: nothing found" 204
request -H "Authorization: Bearer $dicom_token" "https://hospital-pacs.dicom.azurehealthcareapis.com/v2/studies?limit=201"
expect "DICOM: limit is 1 to 200" 400
role remove 4c8d0bbc-75d3-4935-991f-5f3c56d81508 "$object_id" "$fhir"
probe_fhir
expect "FHIR without the role" 403 '.issue[0].diagnostics == "Authorization failed."'
role add 4c8d0bbc-75d3-4935-991f-5f3c56d81508 "$object_id" "$fhir"

enable "$v1" false
probe_fhir
expect "with the old version disabled FHIR has lost its key" 403 '.issue[0].diagnostics | test("customer-managed key")'
probe_dicom
expect "with the old version disabled DICOM has lost its key" 424
control GET /state
check "and the public state says so" jq -e "[.services[] | select(.needs | length == 2) | .readable] == [false, false]" "$dir/body" -r >/dev/null
enable "$v1" true
probe_fhir
expect "enabled again, FHIR answers" 200
probe_dicom
expect "enabled again, DICOM answers" 200

# Lost for more than half an hour, a service must be put again.
enable "$v1" false
probe_fhir
later 1900
enable "$v1" true
arm_token=$(token https://management.azure.com) fhir_token=$(token https://hospital-main.fhir.azurehealthcareapis.com)
probe_fhir
expect "back too late" 403
point "$fhir" "$v2"
probe_fhir
expect "put again, FHIR answers" 200

# --- A restart goes on -----------------------------------------------------------------------------------------------------------------------------------
arm PUT "$fhir" "$(get "$fhir" | jq -c "$strip")"
poll=$(header Azure-AsyncOperation) && poll=${poll#https://management.azure.com}
stop
start
later 10
arm GET "$poll"
expect "an operation survives a restart" 200 '.status == "Succeeded"'
probe_fhir
expect "so does the data" 200

# --- The older account -----------------------------------------------------------------------------------------------------------------------------------
legacy_token=$(token https://hospitalfhir.azurehealthcareapis.com)
probe_legacy hospitalfhir
expect "the older account answers" 200 '.resourceType == "Bundle"'
arm PUT "$service" "$(get "$service" | jq -c .)"
refused "its private endpoint connections cannot be sent back" 400 InvalidRequestContent
put "$service" "$(get "$service" | jq -c "$strip")"
expect "without them it is taken" 200 '.properties.provisioningState == "Succeeded" and (.properties.privateEndpointConnections | length == 1)'
check "its PUT answers 200" test "$put_status" = 200
arm PUT "$service" "$(get "$service" | jq -c "$strip | .properties.cosmosDbConfiguration.keyVaultKeyUri = \"${v1%/*}\"")"
refused "a customer's key is chosen at creation only" 400 PropertyChangeNotAllowed
arm PATCH "$service" '{"properties": {"publicNetworkAccess": "Enabled"}}'
expect "its PATCH answers at once" 200 '.properties.provisioningState == "Succeeded"'
kv_token=$(token https://vault.azure.net)
l1=$(new_key legacy "$rsa")
other="${service%/*}/withkey"
put "$other" "{\"location\": \"westeurope\", \"kind\": \"fhir-R4\", \"properties\": {\"accessPolicies\": [{\"objectId\": \"$object_id\"}], \"cosmosDbConfiguration\": {\"keyVaultKeyUri\": \"${l1%/*}\"}}}"
expect "an older account with a versionless key" 200 '.properties.provisioningState == "Succeeded"'
check "its creation answers 201" test "$put_status" = 201
arm PUT "${service%/*}/versioned" "{\"location\": \"westeurope\", \"kind\": \"fhir-R4\", \"properties\": {\"cosmosDbConfiguration\": {\"keyVaultKeyUri\": \"$l1\"}}}"
refused "an older account with a versioned key" 400 InvalidKeyEncryptionKeyUrl
legacy_token=$(token https://withkey.azurehealthcareapis.com)
probe_legacy withkey
expect "it answers" 200
l2=$(new_key legacy "$rsa")
probe_legacy withkey
expect "it picks up a new version by itself" 200
control GET /state
check "both versions are needed now" jq -e ".services[\"$other\"].needs | contains([\"$l1\", \"$l2\"])" "$dir/body" -r >/dev/null
enable "$l1" false
probe_legacy withkey
expect "the old version is needed for a day" 403
enable "$l1" true
later 90000
legacy_token=$(token https://withkey.azurehealthcareapis.com)
probe_legacy withkey
expect "a day later" 200
enable "$l1" false
probe_legacy withkey
expect "it is not" 200
arm_token=$(token https://management.azure.com)

# --- Making and removing --------------------------------------------------------------------------------------------------------------------------------
new="${fhir%/*}/second"
put "$new" '{"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": {}}'
expect "a new service" 200 '.kind == "fhir-R4" and .properties.provisioningState == "Succeeded" and .properties.publicNetworkAccess == "Enabled"'
check "its creation answers 201" test "$put_status" = 201
put "${fhir%/*}/third" "{\"location\": \"westeurope\", \"identity\": {\"type\": \"SystemAssigned\"}, \"properties\": {\"encryption\": {\"customerManagedKeyEncryption\": {\"keyEncryptionKeyUrl\": \"$v1\"}}}}"
expect "a customer's key at creation needs an identity that has its role already" 200 '.properties.provisioningState == "Failed"'
arm GET "${fhir%/*}"
expect "the list" 200 '[.value[].name] == ["main", "second", "third"]'
arm DELETE "$new"
expect "DELETE is accepted" 202
later 10
arm GET "$new"
refused "then it is gone" 404 ResourceNotFound
arm DELETE "$new"
expect "DELETE of nothing" 204
arm DELETE "${fhir%/fhirservices/*}"
refused "a workspace with services stays" 409 CannotDeleteResource

# --- Around the services ----------------------------------------------------------------------------------------------------------------------------------
arm GET "/subscriptions?api-version=2022-12-01"
expect "subscriptions" 200 ".value[0].subscriptionId == \"$subscription\""
arm GET "/tenants?api-version=2022-12-01"
expect "tenants" 200 ".value[0].tenantId == \"$tenant\""
arm GET "$vault_id?api-version=2023-07-01"
expect "the vault" 200 '.properties.enablePurgeProtection and .properties.enableSoftDelete and .properties.enableRbacAuthorization and .properties.sku.name == "premium"'
arm GET "/subscriptions/$subscription/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01"
expect "vaults of the subscription" 200 ".value[0].properties.vaultUri == \"https://$vault.vault.azure.net/\""
arm GET "/subscriptions/$subscription/providers/Microsoft.HealthcareApis?api-version=2021-04-01"
expect "the provider and its versions" 200 '.resourceTypes[] | select(.resourceType == "workspaces/fhirservices") | .apiVersions | index("2024-03-31") != null and index("2023-06-01-preview") == null'
arm GET "/subscriptions/$subscription/resources?api-version=2021-04-01&\$filter=resourceType%20eq%20%27Microsoft.KeyVault/vaults%27"
expect "resources of one type" 200 ".value | length == 1 and .[0].name == \"$vault\""
arm GET "/subscriptions/$subscription/resources?api-version=2021-04-01&\$filter=colour%20eq%20%27red%27"
refused "a filter that is not known" 400 InvalidFilterInQueryString
arm GET "$vault_id/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&\$filter=principalId%20eq%20%27$principal%27"
expect "the service's role on the vault" 200 '.value | length == 1 and (.[0].properties.roleDefinitionId | endswith("e147488a-f6f5-4113-8e2d-b22465e65bf6"))'
arm GET "$vault_id/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&\$filter=atScope()"
expect "assignments at and above the vault" 200 '[.value[].properties.scope | length] | max <= '${#vault_id}
assignment="$vault_id/providers/Microsoft.Authorization/roleAssignments/b0f43c54-e787-4862-89b1-a653fa9cf747?api-version=2022-04-01"
reader="{\"properties\": {\"roleDefinitionId\": \"/subscriptions/$subscription/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7\", \"principalId\": \"$principal\"}}"
arm PUT "$assignment" "$reader"
expect "a role assignment is made" 201 ".properties.principalId == \"$principal\""
arm PUT "${assignment/b0f43c54/b0f43c55}" "$reader"
refused "made twice" 409 RoleAssignmentExists
arm DELETE "$assignment"
expect "and removed" 200
arm GET "$fhir/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
expect "own permissions" 200 '[.value[].notActions[]] | index("Microsoft.Authorization/*/Write") != null'
arm GET "$fhir/providers/Microsoft.ResourceHealth/availabilityStatuses/current?api-version=2024-02-01"
expect "resource health" 200 '.properties.availabilityState == "Available"'
arm GET "$fhir/providers/Microsoft.ManagedIdentity/identities/default?api-version=2023-01-31"
expect "the system-assigned identity" 200 ".properties.principalId == \"$principal\""
arm GET "$group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/pacs-identity?api-version=2023-01-31"
expect "the user-assigned identity" 200 '.properties.principalId and .properties.clientId'

# --- A body that is too large -----------------------------------------------------------------------------------------------------------------------------
head -c 4194305 /dev/zero | tr '\0' ' ' >"$dir/large"
arm PUT "$fhir" "" -H "Content-Type: application/json" --data-binary "@$dir/large"
refused "a body over 4 MiB" 413 RequestContentTooLarge
head -c 9000000 /dev/zero | tr '\0' ' ' >"$dir/large"
arm PUT "$fhir" "" -H "Content-Type: application/json" --data-binary "@$dir/large"
refused "a body over what the server keeps" 413 RequestContentTooLarge
head -c 4194304 /dev/zero | tr '\0' ' ' >"$dir/large"
arm PUT "$fhir" "" -H "Content-Type: application/json" --data-binary "@$dir/large"
check "a body of 4 MiB is read, and refused for what it is" test "$status" = 400

stop
echo "$checks checks, $failures failures"
test "$failures" = 0
