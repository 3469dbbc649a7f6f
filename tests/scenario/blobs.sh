# Transfer blobs of every kind of key under every size of KEK, opened by OpenSSL alone.
set -eu
. "$(dirname "$0")/lib.sh"

scenario_begin
pin="$play/etc/pin"
kid="$vault_url/keys/keyturn-kek/0123456789abcdef0123456789abcdef"
blobs="$play/blobs"
mkdir "$blobs"

uri() {
	echo "pkcs11:token=hospital;object=$1?module-path=$playground_module&pin-source=file:$pin"
}

create() {
	kek=$1 key=$2
	shift 2
	run env -u KEYTURN_CONFIG keyturn byok create --key "$(uri "$key")" --kek "$blobs/kek$kek.pem" --kid "$kid" \
		--out "$blobs/$kek-$key.byok" "$@"
}

# fingerprint PEM: SHA-256 of a public key's SubjectPublicKeyInfo.
fingerprint() {
	openssl pkey -pubin -in "$1" -outform DER | sha256sum | cut -d' ' -f1
}

unbase64url() {
	text=$(tr -- '-_' '+/' | tr -d '\n')
	while [ $((${#text} % 4)) -ne 0 ]; do text="$text="; done
	printf '%s' "$text" | openssl base64 -d -A
}

# open_blob KEK KEY: what is inside, as a private key in PEM, by OpenSSL alone: OAEP with SHA-1 around an AES-256 key, then RFC 5649.
# The wrap is opened here too as a check of its own, not by keyturn.
open_blob() {
	bytes=$(($1 / 8))
	jq -er .ciphertext "$blobs/$1-$2.byok" | unbase64url >"$blobs/cipher"
	head -c "$bytes" "$blobs/cipher" >"$blobs/head"
	tail -c "+$((bytes + 1))" "$blobs/cipher" >"$blobs/tail"
	openssl pkeyutl -decrypt -inkey "$blobs/kek$1.key" -in "$blobs/head" -out "$blobs/aes" -pkeyopt rsa_padding_mode:oaep \
		-pkeyopt rsa_oaep_md:sha1 -pkeyopt rsa_mgf1_md:sha1 || return 1
	[ "$(wc -c <"$blobs/aes")" -eq 32 ] || return 1
	openssl enc -d -id-aes256-wrap-pad -K "$(od -An -v -tx1 "$blobs/aes" | tr -d ' \n')" -iv A65959A6 -in "$blobs/tail" \
		-out "$blobs/pkcs8" || return 1
	openssl pkey -inform DER -in "$blobs/pkcs8" -out "$blobs/inside.key"
}

# public_key LABEL: the public key as the token has it, by OpenSC; of an EC key, whose point OpenSC 0.23 does not always turn into
# a file, the point alone, in a SubjectPublicKeyInfo that OpenSSL writes around it.
public_key() {
	case $1 in
	[0-9]*) hsm_tool --read-object --type pubkey --label "$1" --output-file "$blobs/$1.der" >/dev/null ;;
	*)
		point=$(hsm_tool --list-objects --type pubkey | awk -v label="$1" '/EC_POINT: /{ point = $2 } /label: /{ if ($2 == label) print point }')
		# Without the head of the OCTET STRING around it, which has one or two bytes of length.
		point=$(printf '%s' "$point" | sed 's/^0481..//; t; s/^04..//')
		{
			echo 'asn1=SEQUENCE:spki'
			printf '[spki]\nalgorithm=SEQUENCE:algorithm\nkey=FORMAT:HEX,BITSTRING:%s\n' "$point"
			printf '[algorithm]\noid=OID:id-ecPublicKey\ncurve=OID:%s\n' "$1"
		} >"$blobs/spki.cnf"
		openssl asn1parse -genconf "$blobs/spki.cnf" -noout -out "$blobs/$1.der"
		;;
	esac
	openssl pkey -pubin -inform DER -in "$blobs/$1.der" -out "$blobs/$1.pub"
}

# The keys, made in the token by OpenSC.
for key in rsa:2048 rsa:3072 rsa:4096 EC:prime256v1 EC:secp384r1 EC:secp521r1; do
	label=${key#*:}
	hsm_tool --keypairgen --key-type "$key" --id "$(printf '%s' "$label" | od -An -tx1 | tr -d ' \n')" --label "$label" \
		--sensitive --extractable >/dev/null || fail "the token makes a key pair $key" "status 0" "$(cat "$play/hsm.err")"
	public_key "$label"
done
expect_equal 6 "$(hsm_keys '')" "the token holds six private keys"
for kek in 2048 3072 4096; do
	openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$kek" -out "$blobs/kek$kek.key" 2>/dev/null
	openssl pkey -in "$blobs/kek$kek.key" -pubout -out "$blobs/kek$kek.pem"
done

# Eighteen blobs.
for kek in 2048 3072 4096; do
	sha=$(fingerprint "$blobs/kek$kek.pem")
	for key in 2048 3072 4096 prime256v1 secp384r1 secp521r1; do
		create "$kek" "$key" --kek-sha256 "$sha" --accept-zero-padded
		expect_status 0 "a blob of $key under KEK $kek is made"
		expect_text "zero-padded the key" "it says that the token pads with zeros"
		expect_that "keys == [\"ciphertext\", \"generator\", \"header\", \"schema_version\"] and .schema_version == \"1.0.0\"
			and .header == {\"kid\": \"$kid\", \"alg\": \"dir\", \"enc\": \"CKM_RSA_AES_KEY_WRAP\"}
			and (.ciphertext | test(\"^[A-Za-z0-9_-]+\$\")) and (.generator | startswith(\"keyturn\"))" \
			"$blobs/$kek-$key.byok" "its file has the form of the BYOK specification"
		open_blob "$kek" "$key" 2>"$blobs/openssl.err" || fail "OpenSSL alone opens it" "status 0" "$(cat "$blobs/openssl.err")"
		ok "OpenSSL alone opens it"
		expect_equal "$(fingerprint "$blobs/$key.pub")" \
			"$(openssl pkey -in "$blobs/inside.key" -pubout -outform DER | sha256sum | cut -d' ' -f1)" \
			"the key inside has the HSM's public key"
	done
done
expect_equal 0 "$(hsm_tool --list-objects --type secrkey | grep -c 'Secret Key' || true)" "no AES key is left in the token"
expect_equal 6 "$(hsm_keys '')" "nor a scratch key"

sha=$(fingerprint "$blobs/kek2048.pem")
cp "$blobs/2048-2048.byok" "$blobs/first.byok"

# What exists is not written over.
create 2048 2048 --kek-sha256 "$sha" --accept-zero-padded
expect_failure "an existing file is not written over"
expect_text "2048-2048.byok" "it says which"
cmp "$blobs/first.byok" "$blobs/2048-2048.byok" || fail "the file is as it was" same other
ok "the file is as it was"
rm "$blobs/2048-2048.byok"

# Without leave, a zero-padded wrap is refused, and no file is left.
create 2048 2048 --kek-sha256 "$sha"
expect_failure "without --accept-zero-padded it is refused"
expect_text "zeros after the PKCS #8" "it says why"
expect_text "--accept-zero-padded" "it says what to do"
expect_equal no "$([ -e "$blobs/2048-2048.byok" ] && echo yes || echo no)" "no file is made"

# A KEK with another fingerprint, be everything else right; the same if the fingerprint is none.
create 2048 2048 --kek-sha256 "$(fingerprint "$blobs/kek3072.pem")" --accept-zero-padded
expect_status 77 "the fingerprint of another KEK is refused"
expect_text "$sha" "it says which fingerprint the KEK has"
create 2048 2048 --kek-sha256 "${sha%?}" --accept-zero-padded
expect_status 77 "a fingerprint that is too short is refused"
create 2048 2048 --accept-zero-padded
expect_status 64 "so is none at all"
expect_equal no "$([ -e "$blobs/2048-2048.byok" ] && echo yes || echo no)" "no file is made"

# KEKs that would give the key away, or that Azure would refuse, although their fingerprint is right.
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out "$blobs/weak.key" 2>/dev/null
openssl pkey -in "$blobs/weak.key" -pubout -out "$blobs/kek1024.pem"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$blobs/ec.key" 2>/dev/null
openssl pkey -in "$blobs/ec.key" -pubout -out "$blobs/kek256.pem"
# The modulus of a good key with the exponent 1: what it encrypts is in clear.
{
	echo 'asn1=SEQUENCE:spki'
	echo '[spki]'
	echo 'alg=SEQUENCE:rsa'
	echo 'key=BITWRAP,SEQUENCE:pair'
	echo '[rsa]'
	echo 'oid=OID:rsaEncryption'
	echo 'null=NULL'
	echo '[pair]'
	printf 'n=INTEGER:0x%s\n' "$(openssl rsa -pubin -in "$blobs/kek2048.pem" -noout -modulus | cut -d= -f2)"
	echo 'e=INTEGER:1'
} >"$blobs/one.cnf"
openssl asn1parse -genconf "$blobs/one.cnf" -noout -out "$blobs/one.der"
{ echo '-----BEGIN PUBLIC KEY-----'; openssl base64 -in "$blobs/one.der"; echo '-----END PUBLIC KEY-----'; } >"$blobs/kek1.pem"
for bad in "1024 a KEK of 1024 bits" "256 a KEK on a curve" "1 a KEK with exponent 1"; do
	sentence=${bad#* } bad=${bad%% *}
	sum=$(openssl pkey -pubin -in "$blobs/kek$bad.pem" -outform DER 2>/dev/null | sha256sum | cut -d' ' -f1)
	[ "$bad" != 1 ] || sum=$(sha256sum <"$blobs/one.der" | cut -d' ' -f1)
	create "$bad" 2048 --kek-sha256 "$sum" --accept-zero-padded
	expect_failure "$sentence is refused"
	expect_text "KEK" "it is the KEK that it complains of"
	expect_no_text "compare it with" "and not its fingerprint"
	expect_equal no "$([ -e "$blobs/$bad-2048.byok" ] && echo yes || echo no)" "no file is made"
done

# A key that is not there.
create 2048 nosuch --kek-sha256 "$sha" --accept-zero-padded
expect_failure "a key that is not in the token is an error"
expect_text "holds no key" "it says so"

# Inspection needs nothing but the file.
run env -u KEYTURN_CONFIG keyturn byok inspect "$blobs/4096-secp521r1.byok"
expect_status 0 "byok inspect reads the file"
expect_text "$kid" "it shows the KEK's identifier"
run env -u KEYTURN_CONFIG keyturn byok inspect "$blobs/4096-secp521r1.byok" --json
expect_json ".kid == \"$kid\"" "as JSON too"
head -c 300 "$blobs/4096-secp521r1.byok" >"$blobs/torn.byok"
run env -u KEYTURN_CONFIG keyturn byok inspect "$blobs/torn.byok"
expect_status 65 "a torn file is refused"

scenario_end
