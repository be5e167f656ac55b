// SPDX-License-Identifier: Apache-2.0
#include "tests/rtc/srtp/reference_srtp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "firmware/base/byte_writer.h"

namespace ocellus::srtp {
namespace {

constexpr size_t kRtpHeaderSize = 12;
constexpr size_t kRtcpHeaderSize = 8;
constexpr size_t kHmacTagSize = 10;
constexpr size_t kGcmTagSize = 16;

ByteVector Encrypt(const EVP_CIPHER* cipher, Bytes key, Bytes iv, Bytes associated, Bytes plain,
                   size_t tag_size) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  ByteVector out(plain.size() + tag_size);
  int size = 0;
  CHECK(EVP_EncryptInit_ex(context, cipher, nullptr, key.data(), iv.data()) == 1, "init %zu",
        iv.size());
  if (!associated.empty()) {
    EVP_EncryptUpdate(context, nullptr, &size, associated.data(),
                      static_cast<int>(associated.size()));
  }
  EVP_EncryptUpdate(context, out.data(), &size, plain.data(), static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(context, out.data() + plain.size(), &size);
  if (tag_size > 0) {
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_size),
                        out.data() + plain.size());
  }
  EVP_CIPHER_CTX_free(context);
  return out;
}

ByteVector BigEndian(uint64_t value, size_t size) {
  ByteVector bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[size - 1 - i] = static_cast<uint8_t>(value >> (8 * i));
  return bytes;
}

// Adds (modulo 2) `bytes` into `into` at `offset`.
void Xor(ByteVector& into, size_t offset, Bytes bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) into[offset + i] ^= bytes[i];
}

void Append(ByteVector& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

// RFC 3711 section 4.2.1: HMAC-SHA1 cut to 80 bits.
ByteVector HmacTag(Bytes key, Bytes message) {
  ByteVector tag(20);
  unsigned size = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
       tag.data(), &size);
  tag.resize(kHmacTagSize);
  return tag;
}

// RFC 3711 section 4.1.1: IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16).
ByteVector CounterIv(Bytes salt, Bytes ssrc, uint64_t index) {
  ByteVector iv(16);
  Xor(iv, 0, salt);
  Xor(iv, 4, ssrc);
  Xor(iv, 8, BigEndian(index, 6));
  return iv;
}

SessionKeys DeriveKeys(Profile profile, const MasterKey& master, uint8_t first_label) {
  const Bytes key(master.key);
  const Bytes salt = Bytes(master.salt).first(MasterSaltSize(profile));
  SessionKeys keys;
  keys.cipher_key = DeriveKey(key, salt, first_label, kMasterKeySize);
  if (profile == Profile::kAes128CmHmacSha1_80) {
    keys.auth_key = DeriveKey(key, salt, static_cast<uint8_t>(first_label + 1), 20);
  }
  keys.salt = DeriveKey(key, salt, static_cast<uint8_t>(first_label + 2), salt.size());
  return keys;
}

}  // namespace

ByteVector AesCounterStream(Bytes key, Bytes iv, size_t size) {
  return Encrypt(EVP_aes_128_ctr(), key, iv, {}, ByteVector(size), 0);
}

ByteVector DeriveKey(Bytes master_key, Bytes master_salt, uint8_t label, size_t size) {
  ByteVector iv(16);
  Xor(iv, 0, master_salt);  // RFC 7714 section 11: 96 bits of salt are padded at the end.
  iv[7] ^= label;
  return AesCounterStream(master_key, iv, size);
}

SessionKeys DeriveRtpKeys(Profile profile, const MasterKey& master) {
  return DeriveKeys(profile, master, 0);
}

SessionKeys DeriveRtcpKeys(Profile profile, const MasterKey& master) {
  return DeriveKeys(profile, master, 3);
}

ByteVector ProtectRtp(Profile profile, const SessionKeys& keys, Bytes packet, uint32_t roc) {
  const Bytes header = packet.first(kRtpHeaderSize);
  const Bytes payload = packet.subspan(kRtpHeaderSize);
  const Bytes ssrc = header.subspan(8, 4);
  const uint64_t index = static_cast<uint64_t>(roc) << 16 | header[2] << 8 | header[3];
  ByteVector out(header.begin(), header.end());
  switch (profile) {
    case Profile::kAeadAes128Gcm: {
      // RFC 7714 section 8.1: 00 00, SSRC, ROC, SEQ, all XOR the salt.
      ByteVector iv(12);
      Xor(iv, 2, ssrc);
      Xor(iv, 6, BigEndian(index, 6));
      Xor(iv, 0, keys.salt);
      Append(out, Encrypt(EVP_aes_128_gcm(), keys.cipher_key, iv, header, payload, kGcmTagSize));
      break;
    }
    case Profile::kAes128CmHmacSha1_80: {
      Append(out, payload);
      Xor(out, kRtpHeaderSize,
          AesCounterStream(keys.cipher_key, CounterIv(keys.salt, ssrc, index), payload.size()));
      ByteVector authenticated = out;
      Append(authenticated, BigEndian(roc, 4));
      Append(out, HmacTag(keys.auth_key, authenticated));
      break;
    }
  }
  return out;
}

ByteVector ProtectRtcp(Profile profile, const SessionKeys& keys, Bytes packet, uint32_t index) {
  const Bytes header = packet.first(kRtcpHeaderSize);
  const Bytes payload = packet.subspan(kRtcpHeaderSize);
  const Bytes ssrc = header.subspan(4, 4);
  const ByteVector encrypted_and_index = BigEndian(0x80000000u | index, 4);
  ByteVector out(header.begin(), header.end());
  switch (profile) {
    case Profile::kAeadAes128Gcm: {
      // RFC 7714 section 9.1: 00 00, SSRC, 00 00, index, all XOR the salt.
      ByteVector iv(12);
      Xor(iv, 2, ssrc);
      Xor(iv, 8, BigEndian(index, 4));
      Xor(iv, 0, keys.salt);
      ByteVector associated = out;
      Append(associated, encrypted_and_index);
      Append(out,
             Encrypt(EVP_aes_128_gcm(), keys.cipher_key, iv, associated, payload, kGcmTagSize));
      Append(out, encrypted_and_index);
      break;
    }
    case Profile::kAes128CmHmacSha1_80: {
      Append(out, payload);
      Xor(out, kRtcpHeaderSize,
          AesCounterStream(keys.cipher_key, CounterIv(keys.salt, ssrc, index), payload.size()));
      Append(out, encrypted_and_index);
      Append(out, HmacTag(keys.auth_key, ByteVector(out)));
      break;
    }
  }
  return out;
}

}  // namespace ocellus::srtp
