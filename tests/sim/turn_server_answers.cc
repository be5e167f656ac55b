// SPDX-License-Identifier: Apache-2.0
// Who asks, and what it is told: long-term credentials (RFC 8489 section 9.2), Binding with the
// tricks of RFC 5780, and the responses.
#include <algorithm>

#include "firmware/base/byte_reader.h"
#include "firmware/base/limits.h"
#include "firmware/rtc/crypto/digest.h"
#include "tests/sim/turn_server.h"

namespace ocellus::sim {
namespace {

using stun::AttributeType;
using stun::Message;
using stun::MessageClass;
using stun::MessageWriter;

// RFC 5780 section 7.2.
constexpr uint32_t kChangeIp = 0x04;
constexpr uint32_t kChangePort = 0x02;

// RFC 8489 section 14: attributes that must be understood are below 0x8000. All that clients of
// this server may use.
constexpr AttributeType kKnown[] = {
    AttributeType::kUsername,      AttributeType::kRealm,
    AttributeType::kNonce,         AttributeType::kLifetime,
    AttributeType::kChannelNumber, AttributeType::kXorPeerAddress,
    AttributeType::kData,          AttributeType::kRequestedAddressFamily,
    AttributeType::kChangeRequest, AttributeType::kRequestedTransport};

std::string_view TextOf(const Message& message, AttributeType type) {
  return AsText(message.Find(type).value_or(Bytes()));
}

}  // namespace

std::vector<AttributeType> TurnServer::UnknownIn(const Message& message) {
  std::vector<AttributeType> unknown;
  for (const stun::Attribute attribute : message) {
    if (static_cast<unsigned>(attribute.type) >= 0x8000) continue;
    if (std::find(std::begin(kKnown), std::end(kKnown), attribute.type) == std::end(kKnown)) {
      unknown.push_back(attribute.type);
    }
  }
  return unknown;
}

// RFC 8489 section 9.2.2: "key = MD5(username ":" OpaqueString(realm) ":"
// OpaqueString(password))".
void TurnServer::AddUser(const std::string& username, const std::string& password) {
  const std::string text = username + ":" + options_.realm + ":" + password;
  const crypto::Md5Digest key = crypto::Md5(AsBytes(text));
  keys_[username].assign(key.begin(), key.end());
}

void TurnServer::MakeNoncesStale() { nonce_ = random_.UrlChars(22); }

// RFC 8489 section 9.2.4, in its order.
std::optional<TurnServer::Request> TurnServer::Authenticate(const Tuple& tuple,
                                                            const Message& message) {
  if (!message.has_integrity()) {
    ++stats_.unauthenticated;
    Challenge(tuple, message, 401);
    return std::nullopt;
  }
  if (!message.Has(AttributeType::kUsername) || !message.Has(AttributeType::kRealm) ||
      !message.Has(AttributeType::kNonce)) {
    Fail(tuple, message, 400);
    return std::nullopt;
  }
  if (TextOf(message, AttributeType::kNonce) != nonce_) {
    ++stats_.stale_nonces;
    Challenge(tuple, message, 438);
    return std::nullopt;
  }
  const Request request{tuple, message, std::string(TextOf(message, AttributeType::kUsername))};
  const auto key = keys_.find(request.username);
  if (key == keys_.end() || TextOf(message, AttributeType::kRealm) != options_.realm ||
      !message.IntegrityMatches(key->second)) {
    ++stats_.wrong_credentials;
    Challenge(tuple, message, 401);
    return std::nullopt;
  }
  const std::vector<AttributeType> unknown = UnknownIn(message);
  if (!unknown.empty()) {
    Count(420);
    Answer(tuple, message, MessageClass::kError, &request.username, [&](MessageWriter& writer) {
      writer.AddErrorCode(stun::ErrorCode::kUnknownAttribute);
      writer.AddUnknownAttributes(Span<const AttributeType>(unknown.data(), unknown.size()));
    });
    return std::nullopt;
  }
  return request;
}

// RFC 8489 section 6.3.1; with a second address, RFC 5780 section 6.1.
void TurnServer::HandleBinding(const Tuple& tuple, const Message& message) {
  const uint32_t change = message.FindU32(AttributeType::kChangeRequest).value_or(0);
  if (change != 0 && !options_.alternate_address) return Fail(tuple, message, 420);
  ++stats_.bindings;
  Tuple from = tuple;
  std::optional<SocketAddress> other;
  if (options_.alternate_address && tuple.server.ip.is_v4()) {
    const SocketAddress first{address().ip, options_.port};
    const SocketAddress second{*options_.alternate_address, options_.alternate_port};
    other = {tuple.server.ip == first.ip ? second.ip : first.ip,
             tuple.server.port == first.port ? second.port : first.port};
    if ((change & kChangeIp) != 0) from.server.ip = other->ip;
    if ((change & kChangePort) != 0) from.server.port = other->port;
  }
  Answer(from, message, MessageClass::kSuccess, nullptr, [&](MessageWriter& writer) {
    writer.AddXorAddress(AttributeType::kXorMappedAddress, tuple.client);
    if (!other) return;
    writer.AddAddress(AttributeType::kResponseOrigin, from.server);
    writer.AddAddress(AttributeType::kOtherAddress, *other);
  });
}

// --- Responses -----------------------------------------------------------------------------------

// With MESSAGE-INTEGRITY for who has a `username` (RFC 8489 section 9.2.4), and with FINGERPRINT
// for who uses it (section 6.3.1.2).
template <typename Fill>
void TurnServer::Answer(const Tuple& tuple, const Message& request, MessageClass message_class,
                        const std::string* username, Fill fill) {
  std::vector<uint8_t> bytes(kMaxDatagramSize);
  MessageWriter writer(bytes, {message_class, request.method(), request.transaction_id()});
  fill(writer);
  writer.AddText(AttributeType::kSoftware, "Ocellus simulator");
  if (username != nullptr) writer.AddIntegrity(keys_.at(*username));
  if (request.has_fingerprint()) writer.AddFingerprint();
  bytes.resize(writer.Finish().value());
  outgoing_.push_back({tuple.server, tuple.client, std::move(bytes)});
}

// RFC 8656 sections 7.2, 8.2, 10.2 and 12.2: what each success response carries.
void TurnServer::Grant(const Request& request, const Allocation* allocation, Duration lifetime) {
  const stun::Method method = request.message.method();
  Answer(request.tuple, request.message, MessageClass::kSuccess, &request.username,
         [&](MessageWriter& writer) {
           if (allocation != nullptr) {
             for (const SocketAddress& relayed : allocation->relayed) {
               writer.AddXorAddress(AttributeType::kXorRelayedAddress, relayed);
             }
             writer.AddXorAddress(AttributeType::kXorMappedAddress, request.tuple.client);
             // Section 18.12: the family that was asked for as well, and why there is none.
             if (request.message.Has(AttributeType::kAdditionalAddressFamily) &&
                 allocation->relayed.size() == 1) {
               writer.AddU32(AttributeType::kAddressErrorCode, 0x02000000 | 4 << 8 | 40);
             }
           }
           if (method == stun::Method::kAllocate || method == stun::Method::kRefresh) {
             const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lifetime);
             writer.AddU32(AttributeType::kLifetime, static_cast<uint32_t>(seconds.count()));
           }
         });
}

void TurnServer::Fail(const Request& request, unsigned error) {
  Count(error);
  Answer(request.tuple, request.message, MessageClass::kError, &request.username,
         [&](MessageWriter& writer) { writer.AddErrorCode(static_cast<stun::ErrorCode>(error)); });
}

void TurnServer::Fail(const Tuple& tuple, const Message& request, unsigned error) {
  Count(error);
  Answer(tuple, request, MessageClass::kError, nullptr,
         [&](MessageWriter& writer) { writer.AddErrorCode(static_cast<stun::ErrorCode>(error)); });
}

void TurnServer::Challenge(const Tuple& tuple, const Message& request, unsigned error) {
  ++stats_.errors[error];
  Answer(tuple, request, MessageClass::kError, nullptr, [&](MessageWriter& writer) {
    writer.AddErrorCode(static_cast<stun::ErrorCode>(error));
    writer.AddText(AttributeType::kRealm, options_.realm);
    writer.AddText(AttributeType::kNonce, nonce_);
  });
}

void TurnServer::Count(unsigned error) {
  ++stats_.refused;
  ++stats_.errors[error];
}

}  // namespace ocellus::sim
