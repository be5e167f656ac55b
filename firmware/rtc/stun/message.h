// SPDX-License-Identifier: Apache-2.0
// One STUN message that was received: a checked view of borrowed bytes (RFC 8489, with the
// attributes of ICE, RFC 8445, of TURN, RFC 8656, and of NAT discovery, RFC 5780). Its counterpart
// is message_writer.h. Any thread; allocates nothing.
//
// Parse() checks the framing only. Whether a message may be believed is asked for step by step,
// because each step costs more than the one before: Find(kUsername), FingerprintMatches(),
// IntegrityMatches() or IntegritySha256Matches().
//
// A new attribute needs a line in AttributeType and, when its value has a form of its own, a
// Read function here and an Add function in the writer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "firmware/base/bytes.h"
#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"

namespace ocellus::stun {

// RFC 8489 section 5: at the same place in every STUN message.
constexpr uint32_t kMagicCookie = 0x2112A442;
constexpr size_t kHeaderSize = 20;
constexpr size_t kAttributeHeaderSize = 4;

// 96 bits. RFC 8489 section 5: "MUST be uniformly and randomly chosen [...] and SHOULD be
// cryptographically random".
using TransactionId = std::array<uint8_t, 12>;

enum class MessageClass : uint8_t { kRequest, kIndication, kSuccess, kError };

// Twelve bits. Parse() lets any through.
enum class Method : uint16_t {
  kBinding = 0x001,
  // RFC 8656 section 17.
  kAllocate = 0x003,
  kRefresh = 0x004,
  kSend = 0x006,  // An indication, as kData.
  kData = 0x007,
  kCreatePermission = 0x008,
  kChannelBind = 0x009,
};

// Sixteen bits; below 0x8000 comprehension is required (RFC 8489 section 14). Parse() lets any
// through.
enum class AttributeType : uint16_t {
  kMappedAddress = 0x0001,
  kUsername = 0x0006,
  kMessageIntegrity = 0x0008,
  kErrorCode = 0x0009,
  kUnknownAttributes = 0x000A,
  kRealm = 0x0014,
  kNonce = 0x0015,
  kMessageIntegritySha256 = 0x001C,
  kPasswordAlgorithm = 0x001D,
  kUserhash = 0x001E,
  kXorMappedAddress = 0x0020,
  kPasswordAlgorithms = 0x8002,
  kSoftware = 0x8022,
  kAlternateServer = 0x8023,
  kFingerprint = 0x8028,
  // ICE: RFC 8445 section 16.1.
  kPriority = 0x0024,
  kUseCandidate = 0x0025,
  kIceControlled = 0x8029,
  kIceControlling = 0x802A,
  // TURN: RFC 8656 section 18.
  kChannelNumber = 0x000C,
  kLifetime = 0x000D,
  kXorPeerAddress = 0x0012,
  kData = 0x0013,
  kXorRelayedAddress = 0x0016,
  kRequestedAddressFamily = 0x0017,
  kRequestedTransport = 0x0019,
  kAdditionalAddressFamily = 0x8000,
  kAddressErrorCode = 0x8001,
  // NAT behaviour discovery: RFC 5780 section 7.
  kChangeRequest = 0x0003,
  kResponseOrigin = 0x802B,
  kOtherAddress = 0x802C,
  // DTLS in STUN, as registered with IANA: META-DTLS-IN-STUN and its acknowledgement.
  kDtlsInStun = 0xC070,
  kDtlsInStunAcknowledgement = 0xC071,
};

// RFC 8489 section 14.8, RFC 8445 section 16.2 and RFC 8656 section 19.
enum class ErrorCode : uint16_t {
  kTryAlternate = 300,
  kBadRequest = 400,
  kUnauthenticated = 401,
  kForbidden = 403,
  kUnknownAttribute = 420,
  kAllocationMismatch = 437,
  kStaleNonce = 438,
  kAddressFamilyNotSupported = 440,
  kWrongCredentials = 441,
  kUnsupportedTransportProtocol = 442,
  kPeerAddressFamilyMismatch = 443,
  kAllocationQuotaReached = 486,
  kRoleConflict = 487,
  kServerError = 500,
  kInsufficientCapacity = 508,
};

// "Allocation Quota Reached": the reason phrase that the RFC has for it; "" for one that is not
// above.
const char* ToString(ErrorCode code);

// `value` is borrowed and without padding.
struct Attribute {
  AttributeType type;
  Bytes value;
};

class Message {
 public:
  // Whether `datagram` can only be STUN among the protocols that share a media port (RFC 7983, and
  // the magic cookie).
  static bool LooksLikeStun(Bytes datagram);

  // `datagram` is borrowed for the life of the Message. RFC 8489 section 5.
  // Errors: kTruncated (a header or an attribute ends early), kMalformed (class bits, cookie or
  // length are wrong, or FINGERPRINT is not the last attribute).
  static Result<Message> Parse(Bytes datagram);

  MessageClass message_class() const { return class_; }
  Method method() const { return method_; }
  TransactionId transaction_id() const;

  // The attributes in their order; those after MESSAGE-INTEGRITY are left out, because nothing
  // protects them (RFC 8489 sections 14.5 and 14.6), as are both kinds of MESSAGE-INTEGRITY and
  // FINGERPRINT themselves.
  class Iterator {
   public:
    explicit Iterator(Bytes rest) : rest_(rest) {}
    Attribute operator*() const;
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return rest_.data() != other.rest_.data(); }

   private:
    Bytes rest_;
  };
  Iterator begin() const { return Iterator(attributes_); }
  Iterator end() const { return Iterator(attributes_.subspan(attributes_.size())); }

  // The value of the first attribute of this type. RFC 8489 section 14: "only the first
  // occurrence needs to be processed".
  std::optional<Bytes> Find(AttributeType type) const;
  bool Has(AttributeType type) const { return Find(type).has_value(); }

  // Values in their own form; nullopt when the attribute is absent or its value is malformed.
  std::optional<uint32_t> FindU32(AttributeType type) const;
  std::optional<uint64_t> FindU64(AttributeType type) const;
  std::optional<SocketAddress> FindXorAddress(AttributeType type) const;
  // An address that is not exclusive-ored: ALTERNATE-SERVER, OTHER-ADDRESS, ...
  std::optional<SocketAddress> FindAddress(AttributeType type) const;
  // The value of an attribute of this message, for those that come more than once.
  std::optional<SocketAddress> ReadXorAddress(Bytes value) const;
  // 300 to 699, which need not be one of ErrorCode's own.
  std::optional<ErrorCode> FindErrorCode() const;

  bool has_integrity() const { return integrity_offset_ != 0; }
  bool has_integrity_sha256() const { return integrity_sha256_offset_ != 0; }
  bool has_fingerprint() const { return fingerprint_offset_ != 0; }

  // Whether FINGERPRINT is there and right. RFC 8489 section 14.7.
  bool FingerprintMatches() const;
  // Whether MESSAGE-INTEGRITY is there and made with `key` (with short-term credentials: the
  // password). RFC 8489 section 14.5. The dear one: an HMAC-SHA1 over the message.
  bool IntegrityMatches(Bytes key) const;
  // The same of MESSAGE-INTEGRITY-SHA256. RFC 8489 section 14.6.
  bool IntegritySha256Matches(Bytes key) const;

 private:
  explicit Message(Bytes datagram) : datagram_(datagram) {}
  Status ParseAttributes();

  Bytes datagram_;
  Bytes attributes_;
  // Of the attribute's header from the start of the datagram; 0 when absent.
  size_t integrity_offset_ = 0;
  size_t integrity_sha256_offset_ = 0;
  size_t fingerprint_offset_ = 0;
  Method method_ = Method::kBinding;
  MessageClass class_ = MessageClass::kRequest;
};

}  // namespace ocellus::stun
