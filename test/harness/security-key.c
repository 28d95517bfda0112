/*
 * A FIDO2 security key in software, for tests: OpenSSH loads it as SSH_SK_PROVIDER (its sk-api.h, version 0x000a0000).
 * The key handle is the private key itself. SALLYPORT_SK_FLAGS gives the flags of a signature (1 touched, 4 verified); without it: touched.
 */
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ED25519 1
#define FAILED (-1)

struct enrolled {
  uint8_t flags;
  uint8_t *public_key; size_t public_key_len;
  uint8_t *handle; size_t handle_len;
  uint8_t *signature; size_t signature_len;
  uint8_t *certificate; size_t certificate_len;
  uint8_t *authdata; size_t authdata_len;
};
struct signed_data {
  uint8_t flags;
  uint32_t counter;
  uint8_t *r; size_t r_len;
  uint8_t *s; size_t s_len;
};

uint32_t sk_api_version(void) { return 0x000a0000; }

int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags, const char *pin, void **options, struct enrolled **out) {
  EVP_PKEY *key = alg == ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
  struct enrolled *made = calloc(1, sizeof *made);
  if (key == NULL || made == NULL) return FAILED;
  made->flags = flags;
  made->public_key = calloc(1, 65);
  made->public_key_len = alg == ED25519 ? 32 : 65;
  if (alg == ED25519) EVP_PKEY_get_raw_public_key(key, made->public_key, &made->public_key_len);
  else EVP_PKEY_get_octet_string_param(key, "pub", made->public_key, 65, &made->public_key_len);
  made->handle_len = (size_t)i2d_PrivateKey(key, &made->handle);
  made->signature = calloc(1, 1); /* there is no attestation; OpenSSH wants the field */
  EVP_PKEY_free(key);
  *out = made;
  return 0;
}

int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application, const uint8_t *handle, size_t handle_len, uint8_t flags, const char *pin, void **options, struct signed_data **out) {
  static uint32_t counter = 41;
  const char *wanted = getenv("SALLYPORT_SK_FLAGS");
  uint8_t message[SHA256_DIGEST_LENGTH + 5 + SHA256_DIGEST_LENGTH], signature[256];
  size_t length = sizeof signature;
  const unsigned char *at = handle;
  EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)handle_len);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  struct signed_data *made = calloc(1, sizeof *made);
  if (key == NULL || context == NULL || made == NULL) return FAILED;
  made->flags = wanted != NULL ? (uint8_t)atoi(wanted) : 1;
  made->counter = ++counter;
  SHA256((const uint8_t *)application, strlen(application), message);
  message[32] = made->flags;
  for (int i = 0; i < 4; i++) message[33 + i] = (uint8_t)(made->counter >> (24 - 8 * i));
  SHA256(data, data_len, message + 37);
  if (EVP_DigestSignInit(context, NULL, alg == ED25519 ? NULL : EVP_sha256(), NULL, key) != 1) return FAILED;
  if (EVP_DigestSign(context, signature, &length, message, sizeof message) != 1) return FAILED;
  made->r = calloc(1, 64);
  made->s = calloc(1, 64);
  if (alg == ED25519) {
    memcpy(made->r, signature, made->r_len = length);
  } else {
    const unsigned char *der = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)length);
    made->r_len = (size_t)BN_bn2bin(ECDSA_SIG_get0_r(pair), made->r);
    made->s_len = (size_t)BN_bn2bin(ECDSA_SIG_get0_s(pair), made->s);
    ECDSA_SIG_free(pair);
  }
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  *out = made;
  return 0;
}

int sk_load_resident_keys(const char *pin, void **options, void ***keys, size_t *count) {
  *count = 0;
  return 0;
}
