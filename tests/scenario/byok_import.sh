# The transfer in pieces: a blob made by byok create is imported by keyturn, and, as az would, by the bare interface.
set -eu
. "$(dirname "$0")/lib.sh"

scenario_begin
playground_policy "$play" radiology-cmk '.key.bits = 2048'

# The KEK, enrolled; its public key as a file, built by OpenSSL from what the vault shows.
run keyturn kek enroll radiology-cmk --fingerprint "$(keyturn kek enroll radiology-cmk --json 2>/dev/null | jq -r .fingerprint)"
expect_status 0 "the KEK is enrolled"
vault GET /keys/keyturn-kek/ >"$play/kek.json"
kek=$(jq -r .key.kid "$play/kek.json")

# hex: of base64url.
hex() {
	text=$(tr -- '-_' '+/' | tr -d '\n')
	while [ $((${#text} % 4)) -ne 0 ]; do text="$text="; done
	printf '%s' "$text" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n'
}

{
	printf 'asn1=SEQUENCE:spki\n[spki]\nalg=SEQUENCE:rsa\nkey=BITWRAP,SEQUENCE:pair\n[rsa]\noid=OID:rsaEncryption\nnull=NULL\n'
	printf '[pair]\nn=INTEGER:0x%s\ne=INTEGER:65537\n' "$(jq -r .key.n "$play/kek.json" | hex)"
} >"$play/spki.cnf"
openssl asn1parse -genconf "$play/spki.cnf" -noout -out "$play/kek.der"
openssl pkey -pubin -inform DER -in "$play/kek.der" -out "$play/kek.pem"
kek_sha256=$(sha256sum <"$play/kek.der" | cut -d' ' -f1)

# make NAME TYPE: a key pair in the token, its public key in NAME.pem, its blob in NAME.byok.
make() {
	hsm_tool --keypairgen --key-type "$2" --id "$(printf '%s' "$1" | od -An -tx1 | tr -d ' \n')" --label "$1" --sensitive --extractable >/dev/null
	hsm_tool --read-object --type pubkey --label "$1" --output-file "$play/$1.der" >/dev/null
	openssl pkey -pubin -inform DER -in "$play/$1.der" -out "$play/$1.pem"
	run env -u KEYTURN_CONFIG keyturn byok create --key "pkcs11:token=hospital;object=$1?module-path=$playground_module&pin-source=file:$play/etc/pin" \
		--kek "$play/kek.pem" --kek-sha256 "$kek_sha256" --kid "$kek" --out "$play/$1.byok" --accept-zero-padded
	expect_status 0 "the blob of $1 is made"
}

versions() {
	vault GET /keys/radiology-cmk/versions | jq '.value | length'
}

make one rsa:2048
make two rsa:2048
make wide rsa:3072

# Without the right public key nothing is believed, and what is wrong before the import is said before it.
log_mark
run keyturn byok import radiology-cmk "$play/one.byok"
expect_status 64 "import wants the public key to compare with"
run keyturn byok import radiology-cmk "$play/wide.byok" --public-key "$play/wide.pem"
expect_failure "a key of another size than the policy's is refused"
expect_text "RSA 3072" "it says what the key is"
jq --arg kid "$vault_url/keys/keyturn-kek/0123456789abcdef0123456789abcdef" '.header.kid = $kid' "$play/one.byok" >"$play/other.byok"
run keyturn byok import radiology-cmk "$play/other.byok" --public-key "$play/one.pem"
expect_failure "a blob for another KEK is refused"
expect_text "was wrapped under" "it says so"
expect_equal 0 "$(log_count PUT '^/keys/')" "nothing was sent"

# The import: one version with that public key, tagged, proven by a challenge, and no service touched.
log_mark
run keyturn byok import radiology-cmk "$play/one.byok" --public-key "$play/one.pem" --reason "made on the machine without a network"
expect_status 0 "byok import succeeds"
expect_equal 1 "$(log_count PUT '^/keys/')" "by one import"
expect_equal 1 "$(log_count POST '^/keys/radiology-cmk/[0-9a-f]+/unwrapkey')" "the vault was challenged to unwrap"
expect_equal 0 "$(log_count PUT '/providers/')" "no service was touched"
vault GET /keys/radiology-cmk/ >"$play/version"
expect_that '.key.kty == "RSA-HSM" and .attributes.enabled and (.tags | length) > 0' "$play/version" "the version is an HSM key, enabled, tagged"
expect_equal "$(openssl rsa -pubin -in "$play/one.pem" -noout -modulus | cut -d= -f2 | tr 'A-F' 'a-f')" \
	"$(jq -r .key.n "$play/version" | hex | sed 's/^00//')" "its public key is the HSM's"
journal_that 'any(.[]; (.step | contains("byok")) and .phase == "done" and .detail.challenge != null and .reason != null)' ||
	fail "the journal has the proof" "a done record with the challenge" "$(tail -n 3 "$journal")"
ok "the journal has the proof"

# The same again makes no second version, and is proven again.
log_mark
run keyturn byok import radiology-cmk "$play/one.byok" --public-key "$play/one.pem"
expect_status 0 "the second import of the same file succeeds"
expect_equal 0 "$(log_count PUT '^/keys/')" "without sending it"
expect_equal 1 "$(versions)" "there is one version still"
expect_equal 1 "$(log_count POST '^/keys/radiology-cmk/[0-9a-f]+/unwrapkey')" "the vault was challenged again"

# A file whose key is not the one that was promised: the vault takes it, keyturn does not.
run keyturn byok import radiology-cmk "$play/two.byok" --public-key "$play/one.pem"
expect_status 0 "a public key that is there already needs no import"
expect_equal 1 "$(versions)" "so there is one version still"
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$play/stranger.key" 2>/dev/null
openssl pkey -in "$play/stranger.key" -pubout -out "$play/stranger.pem"
run keyturn byok import radiology-cmk "$play/two.byok" --public-key "$play/stranger.pem"
expect_failure "a version with another public key than promised is not taken for ours"
expect_no_text "run the same command again" "nor is it said to try again, which would make one more"
journal_that 'any(.[]; (.step | contains("byok")) and .phase == "failed")' || fail "the journal says so" "a failed record" "$(tail -n 2 "$journal")"
ok "the journal says so"
run keyturn versions radiology-cmk --json
expect_json 'all(.versions[]; .services == []) and (.versions | map(select(.proven != null)) | length) == 1' "and it is not proven"
log_mark
run keyturn byok import radiology-cmk "$play/two.byok" --public-key "$play/stranger.pem"
expect_status 1 "the same file with the same wrong public key is refused"
expect_text "it is not sent again" "and it is said why"
expect_equal 0 "$(log_count PUT '^/keys/')" "nothing was sent"

# The answer comes, and the vault does not show the version yet: the journal has the answer, and nothing is sent again, for this
# key or another, not even once the lists should have caught up.
make four rsa:2048
make five rsa:2048
jq '.settling = "PT1S"' "$KEYTURN_CONFIG" >"$play/agent.json" && cat "$play/agent.json" >"$KEYTURN_CONFIG"
control POST /faults '{"match":{"method":"GET","path":"/keys/radiology-cmk/*"},"times":1000,"do":{"status":404,
	"headers":{"Content-Type":"application/json"},"body":{"error":{"code":"KeyNotFound","message":"not yet"}}}}' >/dev/null
log_mark
run keyturn byok import radiology-cmk "$play/four.byok" --public-key "$play/four.pem"
expect_failure "a version that does not show cannot be proven"
expect_text "does not show it yet" "it says so"
journal_that '[.[] | select(.step == "byok")] | .[-2].phase == "note" and (.[-2].detail.answered | contains("/keys/radiology-cmk/")) and
	.[-1].phase == "failed" and (.[-1].detail.no_effect | not)' ||
	fail "the journal has the answer and the outcome" "a note and a failed record" "$(tail -n 3 "$journal")"
ok "the journal has the answer and the outcome"
run keyturn byok import radiology-cmk "$play/four.byok" --public-key "$play/four.pem"
expect_failure "nor is it sent a second time"
sent_ms=$(date +%s)
until [ "$(date +%s)" -gt $((sent_ms + 1)) ]; do
	run keyturn byok import radiology-cmk "$play/four.byok" --public-key "$play/four.pem"
done
run keyturn byok import radiology-cmk "$play/four.byok" --public-key "$play/four.pem"
expect_status 1 "not even after the settling time"
expect_text "it is not sent again" "it says so"
expect_equal 1 "$(log_count PUT '^/keys/')" "it was sent once"
control DELETE /faults >/dev/null
run keyturn byok import radiology-cmk "$play/four.byok" --public-key "$play/four.pem"
expect_status 0 "once the vault shows it, it is proven"
expect_equal 1 "$(log_count PUT '^/keys/')" "without being sent again"

# An answer that is lost: another key waits for it too, since one that is not known of may still arrive.
jq '.settling = "PT1H"' "$KEYTURN_CONFIG" >"$play/agent.json" && cat "$play/agent.json" >"$KEYTURN_CONFIG"
control POST /faults '{"match":{"method":"PUT","path":"/keys/radiology-cmk"},"when":"before","do":{"close":true}}' >/dev/null
run keyturn byok import radiology-cmk "$play/five.byok" --public-key "$play/five.pem"
expect_failure "an import without an answer fails"
control DELETE /faults >/dev/null
make six rsa:2048
log_mark
run keyturn byok import radiology-cmk "$play/six.byok" --public-key "$play/six.pem"
expect_failure "another key waits until it is known what came of it"
expect_text "Another key was sent" "it says so"
expect_equal 0 "$(log_count PUT '^/keys/')" "nothing was sent"

# The same version, disabled by somebody: its key does not show, but it is known.
four=$(jq -rs '[.[] | select(.step == "byok" and .phase == "done")] | last | .detail.kid' "$journal")
vault PATCH "${four#"$vault_url"}" '{"attributes":{"enabled":false}}' >/dev/null
expect_equal 200 "$(http)" "somebody disables the version"
run keyturn byok import radiology-cmk "$play/four.byok" --public-key "$play/four.pem"
expect_failure "a disabled version is not imported anew"
expect_text "is disabled" "it says so"
expect_equal 0 "$(log_count PUT '^/keys/')" "nothing was sent"
vault PATCH "${four#"$vault_url"}" '{"attributes":{"enabled":true}}' >/dev/null

# As az does it: the ciphertext of the same kind of file as key_hsm, by the bare interface.
make three rsa:2048
jq '{key: {kty: "RSA-HSM", key_ops: ["wrapKey", "unwrapKey"],
	key_hsm: ({schema_version, header, ciphertext, generator} | tojson | @base64 | gsub("\\+"; "-") | gsub("/"; "_") | gsub("="; ""))},
	attributes: {enabled: true}}' "$play/three.byok" >"$play/import.json"
vault PUT /keys/by-az "$(cat "$play/import.json")" >"$play/by-az"
expect_equal 200 "$(http)" "the vault takes the file as az sends it"
expect_that '.key.kty == "RSA-HSM"' "$play/by-az" "as an HSM key"
expect_equal "$(openssl rsa -pubin -in "$play/three.pem" -noout -modulus | cut -d= -f2 | tr 'A-F' 'a-f')" \
	"$(jq -r .key.n "$play/by-az" | hex | sed 's/^00//')" "its public key is the HSM's"
# One flipped byte of it is refused.
jq '.key.key_hsm |= (.[0:2000] + (if .[2000:2001] == "A" then "B" else "A" end) + .[2001:])' "$play/import.json" >"$play/flipped.json"
cmp -s "$play/import.json" "$play/flipped.json" && fail "one byte was flipped" "another file" "the same"
vault PUT /keys/by-az "$(cat "$play/flipped.json")" >/dev/null
case $(http) in 4*) ok "the vault refuses it with one byte flipped" ;; *) fail "the vault refuses a flipped byte" 4xx "$(http)" ;; esac

run keyturn audit verify
expect_status 0 "the journal verifies"

scenario_end
