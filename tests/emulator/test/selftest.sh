#!/bin/bash
# Drive azure-emulator by curl and openssl alone: sign-in, Key Vault, control interface, faults, log, restart. Nothing is left running.
# usage: selftest.sh PATH-OF-AZURE-EMULATOR
set -u

binary=${1:?usage: selftest.sh PATH-OF-AZURE-EMULATOR}
dir=$(mktemp -d)
failures=0
checks=0
pid=

finish() {
	[ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid"
	rm -rf "$dir"
}
trap finish EXIT

# Start the server and wait for its ready file; RUN may hold a prefix such as valgrind.
start() {
	rm -f "$dir/ready"
	${RUN:-} "$binary" --listen "127.0.0.1:${1:-0}" --state "$dir/state" --tls-dir "$dir/tls" --log "$dir/log" --ready "$dir/ready" 2>"$dir/stderr" &
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
	echo "      status $status, body $(head -c 600 "$dir/body")"
}

# Every name leads to the server, as with keyturn's connect_to. Sets status and leaves the body in $dir/body, the headers in $dir/head.
request() {
	status=$(curl -sS --cacert "$dir/tls/ca.pem" --connect-to "::127.0.0.1:$port" -o "$dir/body" -D "$dir/head" -w '%{http_code}' "$@" 2>"$dir/curl-error") ||
		status="curl-$?"
}

# The vault under its real name, with the token; kv METHOD PATH [BODY].
kv() {
	local method=$1 path=$2 sep='?'
	shift 2
	case $path in *\?*) sep='&' ;; esac
	case $path in *api-version*) sep= ;; *) path="$path${sep}api-version=7.4" ;; esac
	request -X "$method" -H "Authorization: Bearer $token" ${1:+-H "Content-Type: application/json" -d "$1"} "https://$vault.vault.azure.net$path"
}

control() {
	local method=$1 path=$2
	shift 2
	request -X "$method" ${1:+-H "Content-Type: application/json" -d "$1"} "https://control.localhost$path"
}

lacks() { ! grep -q -e "$1" "$2"; }
body() { jq -er "$1" "$dir/body"; }
is() { test "$status" = "$1" && { [ $# -lt 2 ] || jq -e "$2" "$dir/body" >"$dir/jq" 2>&1; }; }

# expect NAME STATUS [JQ]: of the last request.
expect() { check "$1" is "${@:2}"; }

# refused NAME STATUS CODE [INNER]: Key Vault's error envelope.
refused() {
	expect "$1" "$2" ".error.code == \"$3\" and (.error.message | length > 0) and ${4:+(.error.innererror.code == \"$4\") and} true"
}

# denied NAME STATUS ERROR NUMBER: Entra's error object.
denied() { expect "$1" "$2" ".error == \"$3\" and .error_codes == [$4] and (.error_description | startswith(\"AADSTS$4: \"))"; }

sign_in() { # scope [curl arguments that carry the credential]
	local scope=$1
	shift
	request -d grant_type=client_credentials -d "client_id=$client" --data-urlencode "scope=$scope" "$@" \
		"https://login.microsoftonline.com/$tenant/oauth2/v2.0/token"
}

b64url() { basenc --base64url -w0 | tr -d =; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
unb64url() { local t; t=$(cat); while [ $((${#t} % 4)) != 0 ]; do t=$t=; done; printf %s "$t" | basenc --base64url -d; }

# rsa_pem JWK-FILE: the public key of {"n","e"} as PEM.
rsa_pem() {
	printf 'asn1=SEQUENCE:spki\n[spki]\nalg=SEQUENCE:alg\nkey=BITWRAP,SEQUENCE:key\n[alg]\noid=OID:rsaEncryption\nnull=NULL\n[key]\nn=INTEGER:0x%s\ne=INTEGER:0x%s\n' \
		"$(jq -r .n "$1" | unb64url | hex)" "$(jq -r .e "$1" | unb64url | hex)" >"$dir/asn1"
	openssl asn1parse -genconf "$dir/asn1" -noout -out "$dir/asn1.der"
	openssl pkey -pubin -inform DER -in "$dir/asn1.der"
}

# blob PKCS8-DER KEK-PEM KID: the transfer blob of the BYOK specification, by OpenSSL, as base64url of the .byok file.
blob() {
	openssl rand -out "$dir/aes" 32
	openssl pkeyutl -encrypt -pubin -inkey "$2" -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1 -pkeyopt rsa_mgf1_md:sha1 -in "$dir/aes" -out "$dir/blob"
	openssl enc -id-aes256-wrap-pad -iv A65959A6 -K "$(hex <"$dir/aes")" -in "$1" >>"$dir/blob"
	jq -n --arg kid "$3" --arg c "$(b64url <"$dir/blob")" \
		'{schema_version: "1.0.0", header: {kid: $kid, alg: "dir", enc: "CKM_RSA_AES_KEY_WRAP"}, ciphertext: $c, generator: "selftest"}' >"$dir/byok"
	b64url <"$dir/byok"
}

make_key() { # NAME KIND: a key pair by OpenSSL, NAME.der in PKCS#8
	case $2 in
	rsa*) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:"${2#rsa}" -out "$dir/$1.pem" 2>/dev/null ;;
	*) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:"$2" -out "$dir/$1.pem" 2>/dev/null ;;
	esac
	openssl pkcs8 -topk8 -nocrypt -outform DER -in "$dir/$1.pem" -out "$dir/$1.der"
}

status=none
touch "$dir/body"
start
tenant=$(ready tenant) client=$(ready client_id) secret_file=$(ready client_secret_file) vault=$(ready vault_id) vault=${vault##*/}

# --- Sign-in -------------------------------------------------------------------------------------------------------------------------------------------
check "the secret's file is private" test "$(stat -c %a "$secret_file")" = 600
check "the state's file is private" test "$(stat -c %a "$dir/state/state.json")" = 600
request "https://login.microsoftonline.com/$tenant/v2.0/.well-known/openid-configuration"
expect "OpenID discovery" 200 ".token_endpoint == \"https://login.microsoftonline.com/$tenant/oauth2/v2.0/token\""
request "https://login.localhost:$port/$tenant/v2.0/.well-known/openid-configuration"
expect "answers build their URLs from the Host header" 200 ".token_endpoint == \"https://login.localhost:$port/$tenant/oauth2/v2.0/token\""
request "https://login.microsoftonline.com/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.localhost%2F$tenant%2Foauth2%2Fv2.0%2Fauthorize"
expect "instance discovery names the port" 200 ".tenant_discovery_endpoint == \"https://login.localhost:$port/$tenant/v2.0/.well-known/openid-configuration\""
request "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0/.well-known/openid-configuration"
denied "unknown tenant" 400 invalid_request 90002
sign_in https://vault.azure.net/.default -d client_secret=wrong
denied "wrong secret" 401 invalid_client 7000215
sign_in https://vault.azure.net/.default
denied "no credential" 401 invalid_client 7000218
sign_in "https://vault.azure.net/.default https://management.azure.com/.default" --data-urlencode "client_secret@$secret_file"
denied "two resources" 400 invalid_scope 700022
sign_in https://vault.azure.net --data-urlencode "client_secret@$secret_file"
denied "a scope without .default" 400 invalid_scope 1002012
sign_in https://example.org/.default --data-urlencode "client_secret@$secret_file"
denied "unknown resource" 400 invalid_resource 500011
request -d grant_type=client_credentials -d client_id=00000000-0000-0000-0000-000000000000 -d client_secret=x -d scope=https://vault.azure.net/.default \
	"https://login.microsoftonline.com/$tenant/oauth2/v2.0/token"
denied "unknown application" 400 unauthorized_client 700016
sign_in https://management.core.windows.net//.default --data-urlencode "client_secret@$secret_file"
expect "Resource Manager's old audience" 200 '.expires_in == 3599 and .token_type == "Bearer"'
arm_token=$(body .access_token)
sign_in https://vault.azure.net/.default --data-urlencode "client_secret@$secret_file"
expect "a token for the vault" 200 '.expires_in == 3599'
token=$(body .access_token)

# An assertion counts once its certificate is registered, and only if its key signed it.
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/app.pem" -out "$dir/app.crt" -subj /CN=app -days 30 2>/dev/null
assertion() { # AUDIENCE [EXPIRY]
	local now head claims
	now=$(date +%s)
	head=$(jq -cn --arg x "$(openssl x509 -in "$dir/app.crt" -outform DER | openssl dgst -sha256 -binary | b64url)" '{alg: "PS256", typ: "JWT", "x5t#S256": $x}' | tr -d '\n' | b64url)
	claims=$(jq -cn --arg c "$client" --arg a "$1" --argjson n "$now" --argjson e "${2:-600}" '{aud: $a, iss: $c, sub: $c, jti: "1", nbf: ($n - 30), exp: ($n + $e)}' | tr -d '\n' | b64url)
	printf '%s.%s.' "$head" "$claims"
	printf '%s.%s' "$head" "$claims" | openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sign "$dir/app.pem" | b64url
}
with_assertion() { sign_in https://vault.azure.net/.default -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer -d "client_assertion=$1"; }
endpoint=https://login.microsoftonline.com/$tenant/oauth2/v2.0/token
with_assertion "$(assertion "$endpoint")"
denied "an assertion of an unregistered certificate" 401 invalid_client 700027
control POST /certificates "$(jq -n --rawfile c "$dir/app.crt" '{certificate: $c}')"
expect "registering a certificate" 200
with_assertion "$(assertion "$endpoint")"
expect "an assertion of a registered certificate" 200 '.access_token | length > 100'
with_assertion "$(assertion "$endpoint" -3600)"
denied "an assertion that is over" 401 invalid_client 700024
with_assertion "$(assertion https://login.microsoftonline.com/elsewhere)"
denied "an assertion for another endpoint" 401 invalid_client 700023
with_assertion "$(assertion "$endpoint" | sed 's/....$/AAAA/')"
denied "an assertion with another signature" 401 invalid_client 700027

# --- The vault's door ----------------------------------------------------------------------------------------------------------------------------------
request "https://$vault.vault.azure.net/healthstatus"
expect "health status without a token" 200
request -X POST -H "x-ms-client-request-id: abc" "https://$vault.vault.azure.net/keys/x/create?api-version=7.4"
refused "the challenge" 401 Unauthorized
check "the challenge names the resource" grep -q "^WWW-Authenticate: Bearer authorization=\"https://login.windows.net/$tenant\", resource=\"https://vault.azure.net\"" "$dir/head"
check "the request id comes back" grep -q '^x-ms-client-request-id: abc' "$dir/head"
request "https://$vault.vault.localhost:$port/keys?api-version=7.4"
check "the challenge keeps the port" grep -q "resource=\"https://vault.localhost:$port\"" "$dir/head"
request -H "Authorization: Bearer $arm_token" "https://$vault.vault.azure.net/keys?api-version=7.4"
refused "a token for another audience" 401 Unauthorized
request -H "Authorization: Bearer ${token}x" "https://$vault.vault.azure.net/keys?api-version=7.4"
refused "a forged token" 401 Unauthorized
request -H "Authorization: Bearer $token" "https://$vault.vault.azure.net/keys"
refused "no api-version" 400 BadParameter
kv GET "/keys?api-version=2031-01-01"
refused "an unknown api-version" 400 BadParameter
kv GET "/keys?api%2Dversion=7.4"
expect "a percent-encoded parameter name" 200 '.value == []'
request -H "Authorization: Bearer $token" "https://nosuchvault.vault.azure.net/keys?api-version=7.4"
refused "an unknown vault" 404 VaultNotFound
kv GET /secrets/x
refused "an unknown path" 404 NotFound
kv POST "/keys/a/rotate?api-version=7.2"
check "rotation is not in 7.2" test "$status" != 200

# --- Creating ------------------------------------------------------------------------------------------------------------------------------------------
kv POST /keys/kek/create '{"kty":"RSA-HSM","key_size":2048,"key_ops":["import"],"attributes":{"enabled":true}}'
expect "a key exchange key" 200 '.key.kty == "RSA-HSM" and .key.key_ops == ["import"] and .attributes.recoveryLevel == "Recoverable" and (.key | has("d") | not)'
kid=$(body .key.kid)
jq .key "$dir/body" >"$dir/kek.jwk"
rsa_pem "$dir/kek.jwk" >"$dir/kek.pem"
kv POST /keys/kek2/create '{"kty":"RSA-HSM","key_size":2048,"key_ops":["import"]}'
kid2=$(body .key.kid)
kv POST /keys/x/create '{"kty":"RSA-HSM","key_size":2048,"key_ops":["import","wrapKey"]}'
refused "import with other operations" 400 BadParameter
kv POST /keys/x/create '{"kty":"RSA","key_size":2048,"key_ops":["import"]}'
refused "import for a software key" 400 BadParameter
kv POST "/keys/x/create?api-version=7.0" '{"kty":"RSA-HSM","key_ops":["import"]}'
refused "import before 7.1" 400 BadParameter
kv POST /keys/x/create '{"kty":"oct"}'
refused "a symmetric key" 400 BadParameter KeyTypeNotSupported
kv POST /keys/x/create '{"kty":"RSA","key_size":1024}'
refused "a short RSA key" 400 BadParameter
kv POST /keys/x/create '{"kty":"EC","crv":"P-256","key_ops":["wrapKey"]}'
refused "an operation that the type cannot do" 400 BadParameter
kv POST /keys/x/create '{"kty":"EC","attributes":{"created":1}}'
refused "a read-only attribute" 400 BadParameter
kv POST /keys/x/create "$(jq -cn '{kty: "EC", tags: ([range(16)] | map({key: "t\(.)", value: "v"}) | from_entries)}')"
refused "sixteen tags" 400 BadParameter
kv POST /keys/x/create "$(jq -cn '{kty: "EC", tags: {a: ("x" * 257)}}')"
refused "a long tag" 400 BadParameter
kv POST /keys/x_y/create '{"kty":"EC"}'
refused "a bad name" 400 BadParameter
kv POST /keys/x/create '{"kty":'
refused "a body that is not JSON" 400 BadParameter
head -c 200000 /dev/zero | tr '\0' ' ' >"$dir/big"
request -X POST -H "Authorization: Bearer $token" --data-binary "@$dir/big" "https://$vault.vault.azure.net/keys/x/create?api-version=7.4"
refused "a body over the limit" 413 RequestEntityTooLarge
kv GET /keys/x/
refused "nothing came of all that" 404 KeyNotFound

# --- Transfer blobs ------------------------------------------------------------------------------------------------------------------------------------
import() { # NAME KTY CRV BLOB [more members of "key"]
	kv PUT "/keys/$1" "$(jq -cn --arg t "$2" --arg c "$3" --arg b "$4" --argjson more "${5:-{\}}" \
		'{Hsm: false, key: ({kty: $t, key_hsm: $b} + (if $c == "" then {} else {crv: $c} end) + $more), attributes: {enabled: true}}')"
}
for kind in rsa2048 rsa3072 P-256 P-384 P-521; do
	make_key "$kind" "$kind"
	case $kind in rsa*) kty=RSA-HSM crv= ;; *) kty=EC-HSM crv=$kind ;; esac
	import "target-$kind" $kty "$crv" "$(blob "$dir/$kind.der" "$dir/kek.pem" "$kid")"
	expect "import of $kind" 200 ".key.kty == \"$kty\" and .attributes.enabled"
done
kv GET /keys/target-rsa2048
jq .key "$dir/body" >"$dir/target.jwk"
check "the imported key is ours" test "$(rsa_pem "$dir/target.jwk")" = "$(openssl pkey -in "$dir/rsa2048.pem" -pubout)"
good=$(blob "$dir/rsa2048.der" "$dir/kek.pem" "$kid")
import target-rsa2048 RSA-HSM "" "$good" '{"key_ops":["wrapKey","unwrapKey"]}'
expect "the same blob again makes another version" 200 '.key.key_ops == ["wrapKey","unwrapKey"]'
kv GET /keys/target-rsa2048/versions
expect "two versions" 200 '.value | length == 2 and all(has("key") | not)'
import x RSA-HSM "" "$(blob "$dir/rsa2048.der" "$dir/kek.pem" "$kid2")"
refused "a blob for another key exchange key" 400 BadParameter
import x EC-HSM P-256 "$good"
refused "an RSA key said to be EC" 400 BadParameter
import x EC-HSM P-256 "$(blob "$dir/P-384.der" "$dir/kek.pem" "$kid")"
refused "another curve than said" 400 BadParameter
import x RSA-HSM "" "$good" '{"key_ops":["sign","import"]}'
refused "import among the operations of a target" 400 BadParameter
import x RSA-HSM "" "$(blob "$dir/rsa2048.der" "$dir/kek.pem" "${kid%/*}")"
refused "a kid without a version" 400 BadParameter
import x RSA-HSM "" "$(blob "$dir/rsa2048.der" "$dir/kek.pem" "${kid/$vault/other}")"
refused "a kid of another vault" 400 BadParameter
import x RSA-HSM "" "$good="
refused "padded base64url" 400 BadParameter
import x RSA-HSM "" "$(printf %s "$good" | unb64url | jq '.schema_version = "2.0.0"' | b64url)"
refused "another schema version" 400 BadParameter
import x RSA-HSM "" "$(printf %s "$good" | unb64url | jq '.ciphertext |= (.[0:400] + "AAAA" + .[404:])' | b64url)"
refused "a damaged blob" 400 BadParameter
kv POST /keys/wide/create '{"kty":"RSA-HSM","key_size":2048,"key_ops":["wrapKey","unwrapKey"]}'
jq .key "$dir/body" >"$dir/wide.jwk"
rsa_pem "$dir/wide.jwk" >"$dir/wide.pem"
import x RSA-HSM "" "$(blob "$dir/rsa2048.der" "$dir/wide.pem" "$(body .key.kid)")"
refused "a key exchange key that may do more" 400 BadParameter
kv PATCH "/keys/kek/${kid##*/}" '{"attributes":{"enabled":false}}'
import x RSA-HSM "" "$good"
refused "a disabled key exchange key" 400 BadParameter
kv PATCH "/keys/kek/${kid##*/}" '{"attributes":{"enabled":true,"exp":1}}'
import x RSA-HSM "" "$good"
refused "an expired key exchange key" 400 BadParameter
kv PATCH "/keys/kek/${kid##*/}" '{"attributes":{"exp":null}}'
cp "$dir/P-256.der" "$dir/ecpad.der"
printf '\0\0\0' >>"$dir/ecpad.der"
import padded EC-HSM P-256 "$(blob "$dir/ecpad.der" "$dir/kek.pem" "$kid")"
expect "zero padding is taken" 200
control GET /state
expect "and shown" 200 ".vaults[\"$vault\"].keys.padded.versions[0].zero_padded"
check "the state tells no private key" lacks 'PRIVATE KEY' "$dir/body"
control POST /settings '{"accept_zero_padded":false}'
import x EC-HSM P-256 "$(blob "$dir/ecpad.der" "$dir/kek.pem" "$kid")"
refused "zero padding, where the setting is off" 400 BadParameter
kv GET /keys/x
refused "no refused import left a key" 404 KeyNotFound

# Plain keys become software keys only.
jwk() { # KTY: the JWK of rsa2048.pem
	openssl rsa -in "$dir/rsa2048.pem" -noout -text 2>/dev/null | awk '/^[a-zA-Z]/{if (name != "") print name, value; name = $1; value = ""; next} {gsub(/[ :]/, ""); value = value $0} END{print name, value}' |
		while read -r name value; do
			case $name in
			modulus:) member=n ;; privateExponent:) member=d ;; prime1:) member=p ;; prime2:) member=q ;;
			exponent1:) member=dp ;; exponent2:) member=dq ;; coefficient:) member=qi ;; *) continue ;;
			esac
			printf '{"%s":"%s"}\n' $member "$(printf %s "$value" | tr a-f A-F | basenc --base16 -d | b64url)"
		done | jq -s --arg t "$1" 'add + {kty: $t, e: "AQAB"}'
}
plain() { kv PUT /keys/plain "$(jq -cn --argjson k "$1" --argjson h "${2:-false}" '{key: $k, Hsm: $h}')"; }
plain "$(jwk RSA)"
expect "a plain key becomes a software key" 200 '.key.kty == "RSA" and (.key | has("d") | not)'
plain "$(jwk RSA-HSM)"
refused "a plain key for an HSM" 400 BadParameter
plain "$(jwk RSA)" true
refused "a plain key for an HSM, said otherwise" 400 BadParameter
plain "$(jwk RSA | jq .d=.p)"
refused "a plain key that does not fit together" 400 BadParameter

# --- Using keys ----------------------------------------------------------------------------------------------------------------------------------------
url=$(kv GET /keys/target-rsa2048; body .key.kid)
path=${url#https://*/}
secret=$(printf 0123456789abcdef | b64url)
for alg in RSA1_5 RSA-OAEP RSA-OAEP-256; do
	kv POST "/$path/wrapkey" "{\"alg\":\"$alg\",\"value\":\"$secret\"}"
	expect "wrap by $alg" 200 ".kid == \"$url\""
	kv POST "/$path/unwrapkey" "{\"alg\":\"$alg\",\"value\":\"$(body .value)\"}"
	expect "unwrap by $alg" 200 ".value == \"$secret\""
done
wrapped=$(printf 0123456789abcdef | openssl pkeyutl -encrypt -pubin -inkey <(openssl pkey -in "$dir/rsa2048.pem" -pubout) -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256 | b64url)
kv POST "/$path/unwrapkey" "{\"alg\":\"RSA-OAEP-256\",\"value\":\"$wrapped\"}"
expect "unwrap what OpenSSL wrapped under the source's public key" 200 ".value == \"$secret\""
kv POST "/$path/sign" '{"alg":"RS256","value":"AAAA"}'
refused "an operation that is not among key_ops" 403 Forbidden
kv POST "/$path/wrapkey" '{"alg":"A256KW","value":"AAAA"}'
refused "an unknown algorithm" 400 BadParameter
kv POST "/$path/unwrapkey" '{"alg":"RSA-OAEP","value":"AAAA"}'
refused "a ciphertext that is none" 400 BadParameter
kv POST "/$path/unwrapkey" '{"alg":"RSA-OAEP","value":"AA=="}'
refused "a value that is not base64url" 400 BadParameter
digest=$(printf hello | openssl dgst -sha256 -binary | b64url)
kv GET /keys/target-P-256
ec=$(body .key.kid) ec=${ec#https://*/}
kv POST "/$ec/sign" "{\"alg\":\"ES256\",\"value\":\"$digest\"}"
expect "sign by ES256" 200 '.value | length == 86'
signature=$(body .value)
kv POST "/$ec/verify" "{\"alg\":\"ES256\",\"digest\":\"$digest\",\"value\":\"$signature\"}"
expect "verify" 200 '.value == true'
kv POST "/$ec/verify" "{\"alg\":\"ES256\",\"digest\":\"$(printf other | openssl dgst -sha256 -binary | b64url)\",\"value\":\"$signature\"}"
expect "verify another digest" 200 '.value == false'
kv POST "/$ec/sign" "{\"alg\":\"ES384\",\"value\":\"$digest\"}"
refused "an algorithm of another curve" 400 BadParameter
rsa=$(kv GET /keys/plain; body .key.kid) rsa=${rsa#https://*/}
kv POST "/$rsa/sign" "{\"alg\":\"PS256\",\"value\":\"$digest\"}"
body .value | tr -d '\n' | unb64url >"$dir/signature"
printf hello >"$dir/hello"
openssl pkey -in "$dir/rsa2048.pem" -pubout -out "$dir/rsa2048.pub"
check "OpenSSL verifies PS256" openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -verify "$dir/rsa2048.pub" -signature "$dir/signature" "$dir/hello" >"$dir/jq"

# Disabled, not yet valid, over.
kv PATCH "/$path" '{"attributes":{"enabled":false},"tags":{"a":"b"}}'
expect "update" 200 '.attributes.enabled == false and .tags.a == "b"'
kv POST "/$path/unwrapkey" "{\"alg\":\"RSA-OAEP-256\",\"value\":\"$wrapped\"}"
refused "unwrap by a disabled version" 403 Forbidden KeyDisabled
kv GET "/$path"
expect "a disabled version can be seen" 200
kv PATCH "/$path" '{"attributes":{"enabled":true,"nbf":4000000000}}'
kv POST "/$path/wrapkey" "{\"alg\":\"RSA-OAEP\",\"value\":\"$secret\"}"
refused "wrap before nbf" 403 Forbidden KeyNotYetValid
kv POST "/$path/unwrapkey" "{\"alg\":\"RSA-OAEP-256\",\"value\":\"$wrapped\"}"
expect "unwrap before nbf" 200
kv PATCH "/$path" '{"attributes":{"nbf":1,"exp":2}}'
kv POST "/$path/wrapkey" "{\"alg\":\"RSA-OAEP\",\"value\":\"$secret\"}"
refused "wrap after exp" 403 Forbidden KeyExpired
kv PATCH "/$path" '{"key_ops":["import","wrapKey"]}'
refused "import with others, by update" 400 BadParameter
control PATCH "/${path}" '{"enabled":false}'
expect "an administrator disables a version" 200 '.enabled == false'

# --- Rotation by the vault -----------------------------------------------------------------------------------------------------------------------------
kv POST /keys/plain/rotate
expect "rotate" 200 ".key.kty == \"RSA\" and .key.kid != \"https://$vault.vault.azure.net/$rsa\""
kv PUT /keys/plain/rotationpolicy '{"lifetimeActions":[{"trigger":{"timeAfterCreate":"P30D"},"action":{"type":"rotate"}}],"attributes":{"expiryTime":"P90D"}}'
expect "a rotation policy" 200 '.attributes.expiryTime == "P90D" and (.id | endswith("/keys/plain/rotationpolicy"))'
kv PUT /keys/plain/rotationpolicy '{"attributes":{"expiryTime":"P7D"}}'
refused "a rotation policy that is too short" 400 BadParameter
kv GET /keys/kek/rotationpolicy
expect "the policy of a key without one" 200 '.lifetimeActions[0].action.type == "Notify"'

# --- Lists ---------------------------------------------------------------------------------------------------------------------------------------------
for i in 1 2 3; do kv POST /keys/paged/create '{"kty":"EC-HSM"}'; done
next="/keys/paged/versions?api-version=7.4&maxresults=2"
kv GET "$next"
expect "a first page" 200 ".value | length == 2"
check "the next link has a port and an api-version of its own" test "$(body '.nextLink | startswith("https://'"$vault"'.vault.azure.net:443/keys/paged/versions?api-version=7.2&$skiptoken=")')" = true
next=$(body .nextLink)
request -H "Authorization: Bearer $token" "${next//\$/%24}"
expect "the last page" 200 '(.value | length == 1) and .nextLink == null'
kv GET "/keys?maxresults=26"
refused "a page that is too large" 400 BadParameter
kv GET "/keys?\$skiptoken=x"
refused "a made-up skip token" 400 BadParameter
kv GET /keys
expect "keys are listed without versions and material" 200 '.value | length > 5 and all((.kid | split("/") | length == 5) and (has("key") | not))'
kv GET /keys/unknown/versions
expect "versions of an unknown key" 200 '.value == []'
control POST /lag '{"lists_s":600,"reads_s":600}'
kv GET /keys/paged
refused "reads lag behind" 404 KeyNotFound
kv GET /keys/paged/versions
expect "lists lag behind" 200 '.value == []'
control POST /lag '{"lists_s":0,"reads_s":0}'

# --- Delete, recover, purge, back up -------------------------------------------------------------------------------------------------------------------
kv POST /keys/paged/backup
expect "backup" 200 '.value | length > 100'
backup=$(body .value)
kv POST /keys/restore "{\"value\":\"$backup\"}"
refused "restore over an existing key" 409 Conflict
kv DELETE /keys/paged
expect "delete" 200 '.recoveryId and .scheduledPurgeDate - .deletedDate == 90 * 86400'
kv GET /keys/paged
refused "it is gone" 404 KeyNotFound
kv POST /keys/paged/create '{"kty":"EC-HSM"}'
refused "its name is taken" 409 Conflict ObjectIsDeletedButRecoverable
kv POST /keys/restore "{\"value\":\"$backup\"}"
refused "its name is taken for a restore too" 409 Conflict ObjectIsDeletedButRecoverable
kv GET /deletedkeys
expect "deleted keys" 200 '.value | length == 1'
kv DELETE /deletedkeys/paged
refused "purge protection" 403 Forbidden
kv POST /deletedkeys/paged/recover
expect "recover" 200
kv GET /keys/paged/versions
expect "all versions are back" 200 '.value | length == 3'
kv POST /keys/restore '{"value":"AAAA"}'
refused "a backup that is none" 400 BadParameter

# --- Roles and faults ----------------------------------------------------------------------------------------------------------------------------------
role=14b46e9e-c2b7-41b4-b07b-48a6ebf60603
control POST /roles "{\"action\":\"remove\",\"role\":\"$role\"}"
expect "a role is taken away" 200 '.removed'
kv GET /keys/kek
refused "no role" 403 Forbidden ForbiddenByRbac
control POST /roles "{\"role\":\"$role\"}"
kv GET /keys/kek
expect "the role is back" 200

# A second vault, without purge protection: the key exchange key of one is nothing to the other; backups travel; purging works.
control POST /vaults '{"name":"other1","sku":"standard","purge_protection":false}'
expect "a second vault" 200 '.id | endswith("/vaults/other1")'
other=$(body .id)
first=$vault
vault=other1
kv GET /keys
refused "nobody has a role there yet" 403 Forbidden ForbiddenByRbac
control POST /roles "{\"role\":\"$role\",\"scope\":\"$other\"}"
kv POST /keys/x/create '{"kty":"RSA-HSM"}'
refused "a standard vault has no HSM" 400 BadParameter KeyTypeNotSupported
import x RSA "" "$good"
refused "a key exchange key of another vault" 400 BadParameter
kv POST /keys/restore "{\"value\":\"$backup\"}"
expect "a backup is restored in another vault of the subscription" 200 ".key.kid | startswith(\"https://other1.vault.azure.net/keys/paged/\")"
kv DELETE /keys/paged
expect "deletion, where purging is possible" 200 '.attributes.recoveryLevel == "Recoverable+Purgeable"'
kv DELETE /deletedkeys/paged
expect "purge" 204
kv GET /deletedkeys/paged
refused "purged" 404 KeyNotFound
vault=$first

fault() { control POST /faults "$1"; expect "fault $1" 200; }
fault '{"match":{"method":"PUT","host":"*.vault.azure.net","path":"/keys/*"},"skip":1,"do":{"status":429,"headers":{"Retry-After":"7"},"body":{"error":{"code":"Throttled","message":"m"}}}}'
import faulty RSA-HSM "" "$good"
expect "the first one is skipped" 200
import faulty RSA-HSM "" "$good"
refused "an ordered 429" 429 Throttled
check "with its header" grep -q '^Retry-After: 7' "$dir/head"
kv GET /keys/faulty/versions
expect "came before any effect" 200 '.value | length == 1'
fault '{"match":{"method":"PUT"},"when":"after","do":{"close":true}}'
import faulty RSA-HSM "" "$good"
check "a closed connection" test "$status" = curl-52 -o "$status" = curl-56
kv GET /keys/faulty/versions
expect "took effect before it broke" 200 '.value | length == 2'
fault '{"match":{"path":"/keys/kek"},"do":{"truncate":20}}'
kv GET /keys/kek
check "a truncated answer" test "$status" = curl-18 -o "$status" = curl-56
fault '{"match":{"path":"/keys/kek"},"do":{"garbage":true}}'
kv GET /keys/kek
check "garbage" test "$status" = 200 -a "$(jq . "$dir/body" >/dev/null 2>&1; echo $?)" != 0
fault '{"match":{"path":"/keys/kek"},"do":{"delay_ms":700}}'
begin=$(date +%s%N)
kv GET /keys/kek
expect "a delayed answer" 200
check "came late" test $((($(date +%s%N) - begin) / 1000000)) -ge 700
control GET /faults
expect "all faults are used up" 200 '. == []'
control POST /faults '{"do":{"status":429},"when":"sometimes"}'
expect "a fault that is not understood" 400

# --- Restart, clock, log -------------------------------------------------------------------------------------------------------------------------------
stop
start "$port"
kv GET /keys/paged/versions
expect "everything survives a restart" 200 '.value | length == 3'
control POST /clock '{"advance_s":3700}'
kv GET /keys/kek
refused "the token is over" 401 Unauthorized
control POST /clock '{"advance_s":2592000}'
sign_in https://vault.azure.net/.default --data-urlencode "client_secret@$secret_file"
token=$(body .access_token)
kv GET /keys/plain/versions
expect "the vault rotated by itself" 200 '.value | length == 3'
kv DELETE /keys/paged
control POST /clock '{"advance_s":8000000}'
sign_in https://vault.azure.net/.default --data-urlencode "client_secret@$secret_file"
token=$(body .access_token)
kv GET /deletedkeys/paged
refused "a deleted key is purged in the end" 404 KeyNotFound
check "the log is JSON lines with the agreed members" test "$(jq -se 'length > 100 and all(has("t") and has("method") and has("host") and has("path") and has("query") and has("headers") and has("body") and has("status") and has("response"))' "$dir/log")" = true
check "the log counts imports" test "$(jq -c 'select(.method == "PUT" and .path == "/keys/target-rsa2048" and .status == 200)' "$dir/log" | wc -l)" = 2
for secret_text in "$token" "$(cat "$secret_file")" "$secret" "$(jwk RSA | jq -r .d)"; do
	check "the log holds no secret" lacks "$secret_text" "$dir/log"
done
check "control requests are not logged" lacks control.localhost "$dir/log"
control POST /stop
expect "a stop by the control interface" 202
wait "$pid"
check "ends cleanly" test $? = 0
pid=
check "nothing was said on stderr" test ! -s "$dir/stderr"

echo "$checks checks, $failures failures"
test "$failures" = 0
