# Keys leave the HSM only under a KEK that was enrolled, and only under one that is sound in every way at that moment.
set -eu
. "$(dirname "$0")/lib.sh"

scenario_begin
playground_policy "$play" radiology-cmk '.vault.kek.create = false'
log_mark

# Nothing may have come of a refusal: no key in the HSM, no blob, no import, nothing put to a service.
nothing_happened() {
	expect_equal 0 "$(log_count PUT .)" "nothing was imported and no service was put"
	expect_equal "$keys" "$(hsm_keys '')" "no key was made in the HSM"
	expect_equal "" "$(ls "$play/state/blobs" 2>/dev/null)" "no transfer blob was made"
}
keys=0

# refused SENTENCE TEXT: check finds it, rotate refuses, and both say TEXT.
refused() {
	run keyturn check radiology-cmk
	expect_status 1 "check finds $1"
	expect_text "$2" "it says so"
	run keyturn rotate radiology-cmk
	expect_failure "rotate refuses $1"
	expect_text "$2" "it says so"
	nothing_happened
}

# kek_create JSON [VAULT-URL]: a KEK as an administrator makes it by az; its identifier is left in $kek.
kek_create() {
	kek_vault=${2:-$vault_url}
	request POST "$kek_vault/keys/keyturn-kek/create?api-version=7.4" "$1" -H "Authorization: Bearer $(token https://vault.azure.net)" >"$play/kek.json"
	[ "$(http)" = 200 ] || fail "the vault makes a KEK" 200 "$(http) $(cat "$play/kek.json")"
	kek=$(jq -r .key.kid "$play/kek.json")
}

sound='{"kty":"RSA-HSM","key_size":3072,"key_ops":["import"]}'

kek_pem() {
	keyturn kek enroll radiology-cmk --json 2>/dev/null | jq -r .fingerprint
}

enroll() {
	run keyturn kek enroll radiology-cmk --fingerprint "$(kek_pem)"
	expect_status 0 "the KEK is enrolled"
}

# No KEK at all.
refused "that there is no KEK" "holds no KEK named keyturn-kek"

# A sound KEK that nobody enrolled. Everything else is right: the very same setting goes through once it is enrolled, see the end.
kek_create "$sound"
refused "a KEK that is not enrolled" "is not enrolled"
expect_text "$(kek_pem)" "its fingerprint is shown"
expect_text "keyturn kek enroll radiology-cmk" "it says what to do after comparing"
journal_that 'any(.[]; .step == "rotate" and .phase == "failed" and (.detail.text | contains("is not enrolled")))' ||
	fail "the refusal is in the journal" "a failed rotate record" "$(cat "$journal")"
ok "the refusal is in the journal"

# Enrolling wants the fingerprint that was compared, not just any.
run keyturn kek enroll radiology-cmk
expect_failure "without a terminal and a fingerprint nothing is enrolled"
run keyturn kek enroll radiology-cmk --fingerprint 0000000000000000000000000000000000000000000000000000000000000000
expect_failure "a fingerprint that is not the KEK's enrolls nothing"
refused "a KEK that is still not enrolled" "is not enrolled"

# byok create asks for the fingerprint of its own; another KEK's, or a word that is none, is refused there too.
hsm_tool --keypairgen --key-type rsa:2048 --id 6d616e75616c --label manual --sensitive --extractable >/dev/null
keys=1
jq -r .key.n "$play/kek.json" >"$play/n"
modulus=$(tr -- '-_' '+/' <"$play/n" | { read -r text; while [ $((${#text} % 4)) -ne 0 ]; do text="$text="; done; echo "$text"; } |
	openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
{
	printf 'asn1=SEQUENCE:spki\n[spki]\nalg=SEQUENCE:rsa\nkey=BITWRAP,SEQUENCE:pair\n[rsa]\noid=OID:rsaEncryption\nnull=NULL\n'
	printf '[pair]\nn=INTEGER:0x%s\ne=INTEGER:65537\n' "$modulus"
} >"$play/spki.cnf"
openssl asn1parse -genconf "$play/spki.cnf" -noout -out "$play/kek.der"
openssl pkey -pubin -inform DER -in "$play/kek.der" -out "$play/kek.pem"
expect_equal "$(sha256sum <"$play/kek.der" | cut -d' ' -f1)" "$(kek_pem)" "keyturn and OpenSSL agree on the KEK's fingerprint"
run keyturn byok create --key "pkcs11:token=hospital;object=manual?module-path=$playground_module&pin-source=file:$play/etc/pin" \
	--kek "$play/kek.pem" --kid "$kek" --out "$play/manual.byok" --accept-zero-padded \
	--kek-sha256 0000000000000000000000000000000000000000000000000000000000000000
expect_status 77 "byok create refuses a KEK whose fingerprint was not given to it"
expect_equal no "$([ -e "$play/manual.byok" ] && echo yes || echo no)" "no file was made"

# Another vault's KEK, enrolled there, is no leave for this vault's; and a later version of this one's is another KEK.
enroll
kek_create "$sound"
refused "a new version of the KEK, which nobody enrolled" "is not enrolled"

# kek enroll makes a missing KEK where the policy says so: recorded even if nobody enrolls it, and made once while the vault lags.
playground_policy "$play" radiology-cmk '.vault.kek.create = true | .vault.kek.name = "second-kek"'
jq '.settling = "PT1H"' "$KEYTURN_CONFIG" >"$play/agent.json" && cat "$play/agent.json" >"$KEYTURN_CONFIG"
control POST /faults '{"match":{"method":"GET","path":"/keys/second-kek*"},"times":100,"do":{"status":404,
	"headers":{"Content-Type":"application/json"},"body":{"error":{"code":"KeyNotFound","message":"not yet"}}}}' >/dev/null
run keyturn kek enroll radiology-cmk
journal_that 'any(.[]; .step == "enroll" and .phase == "note" and (.detail.created | contains("/keys/second-kek/")))' ||
	fail "the KEK that was made is in the journal" "a note with created" "$(tail -n 2 "$journal")"
ok "the KEK that was made is in the journal"
run keyturn kek enroll radiology-cmk
expect_failure "a second run within the lag fails"
expect_text "no second one is made" "it says why"
expect_equal 1 "$(log_count POST '^/keys/second-kek/create')" "it was made once"
control DELETE /faults >/dev/null
jq '.settling = "PT2S"' "$KEYTURN_CONFIG" >"$play/agent.json" && cat "$play/agent.json" >"$KEYTURN_CONFIG"
playground_policy "$play" radiology-cmk '.vault.kek.create = false'

# Enrolled, but unsound: each has its sentence.
enroll
run keyturn check radiology-cmk
expect_status 0 "with an enrolled KEK check is content"

kek_change() {
	vault PATCH "${kek#"$vault_url"}" "$1" >/dev/null
	[ "$(http)" = 200 ] || fail "an administrator changes the KEK" 200 "$(http) $(cat "$play/answer")"
}

kek_change '{"attributes":{"enabled":false}}'
refused "a KEK that is disabled" "is disabled"
kek_change '{"attributes":{"enabled":true}}'
kek_change "{\"attributes\":{\"exp\":$(($(date +%s) - 60))}}"
refused "a KEK that has expired" "has expired"
kek_change "{\"attributes\":{\"exp\":$(($(date +%s) + 864000)),\"nbf\":$(($(date +%s) + 86400))}}"
refused "a KEK that is not valid yet" "is not valid yet"

# More operations than import; and one that keeps its material in software.
kek_create '{"kty":"RSA-HSM","key_size":3072,"key_ops":["wrapKey","unwrapKey"]}'
refused "a KEK that may unwrap" "may do more, or other things, than import"
run keyturn kek enroll radiology-cmk --fingerprint "$(kek_pem)"
expect_failure "such a KEK is not even enrolled"
expect_text "may do more, or other things, than import" "it says why"
kek_create '{"kty":"RSA","key_size":3072,"key_ops":["wrapKey"]}'
refused "a KEK kept in software" "is of type RSA; a key exchange key must be RSA-HSM"

# A KEK of another vault: the policy cannot name one, and what answers in its place is not taken for it.
control POST /vaults '{"name":"elsewhere"}' >/dev/null
control POST /faults "{\"match\":{\"method\":\"GET\",\"path\":\"/keys/keyturn-kek*\"},\"times\":100,\"do\":{\"status\":200,
	\"headers\":{\"Content-Type\":\"application/json\"},\"body\":$(jq -c --arg kid "https://elsewhere.vault.azure.net/keys/keyturn-kek/${kek##*/}" \
	'.key.kid = $kid | .key.kty = "RSA-HSM" | .key.key_ops = ["import"]' "$play/kek.json")}}" >/dev/null
run keyturn check radiology-cmk
expect_status 1 "check finds a KEK from another vault"
expect_text "and answered with https://elsewhere.vault.azure.net" "it says so"
run keyturn rotate radiology-cmk
expect_failure "rotate refuses a KEK from another vault"
expect_text "and answered with https://elsewhere.vault.azure.net" "it says so"
run keyturn kek enroll radiology-cmk --fingerprint "$(kek_pem)"
expect_failure "it is not enrolled either"
control DELETE /faults >/dev/null
nothing_happened

# And with a sound KEK, enrolled, the very same setting rotates.
kek_create "$sound"
enroll
run keyturn rotate radiology-cmk --reason "all is right now"
expect_status 0 "with a sound and enrolled KEK the rotation goes through"
expect_equal 1 "$(log_count PUT '^/keys/')" "by one import"

# Even between two rotations an enrolment can be taken back: the file is the HSM administrator's.
: >"$play/etc/enrolled-keks"
log_mark
keys=$(hsm_keys '')
refused "a KEK whose enrolment was taken back" "is not enrolled"

# A token whose only wrap is zero-padded, and settings that do not accept that: known before a key is made, not after.
jq '.tokens[0].accept_zero_padded = false' "$play/etc/agent.json" >"$play/etc/agent.new"
mv "$play/etc/agent.new" "$play/etc/agent.json"
enroll
before=$(hsm_keys keyturn)
run keyturn rotate radiology-cmk
expect_status 1 "without a proved wrap route no rotation is started"
expect_text "No rotation is started" "and it is said so"
expect_text "No wrap route of this token passed the preflight" "with the reason"
expect_equal "$before" "$(hsm_keys keyturn)" "no key was made in the HSM"
scenario_end
