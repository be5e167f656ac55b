// SPDX-License-Identifier: Apache-2.0
// Writes one STUN message into borrowed bytes (RFC 8489). Its counterpart is message.h. Any
// thread; allocates nothing.
//
//   MessageWriter writer(out, {MessageClass::kRequest, Method::kBinding, id});
//   writer.AddText(AttributeType::kUsername, "theirs:ours");
//   writer.AddIntegrity(password);  // then nothing but the fingerprint
//   writer.AddFingerprint();
//   if (const auto size = writer.Finish()) ...
#pragma once

#include <string_view>

#include "firmware/base/byte_writer.h"
#include "firmware/rtc/stun/message.h"

namespace ocellus::stun {

struct Header {
  MessageClass message_class = MessageClass::kRequest;
  Method method = Method::kBinding;
  TransactionId transaction_id{};
};

class MessageWriter {
 public:
  // `out` is borrowed for the life of the writer.
  MessageWriter(MutableBytes out, const Header& header);

  // Each writes one attribute, padded to 32 bits with zeros.
  void Add(AttributeType type, Bytes value);
  // An attribute whose value of `size` bytes stands in `out` already, right behind the four bytes
  // that this writes.
  void AddInPlace(AttributeType type, size_t size);
  void AddFlag(AttributeType type) { Add(type, {}); }
  void AddText(AttributeType type, std::string_view text) { Add(type, AsBytes(text)); }
  // "first:second", as ICE's USERNAME is made, without a string in between.
  void AddJoinedText(AttributeType type, std::string_view first, char joint,
                     std::string_view second);
  void AddU32(AttributeType type, uint32_t value);
  void AddU64(AttributeType type, uint64_t value);
  void AddXorAddress(AttributeType type, const SocketAddress& address);
  // For the attributes that are not exclusive-ored: ALTERNATE-SERVER, OTHER-ADDRESS, ...
  void AddAddress(AttributeType type, const SocketAddress& address);
  // Without a reason phrase: it is for people, who do not see it, and an answer must not be longer
  // than its request.
  void AddErrorCode(ErrorCode code);
  void AddUnknownAttributes(Span<const AttributeType> types);

  // Bytes that are left for attributes and their headers.
  size_t room() const { return writer_.remaining(); }

  // Over everything so far; `key` is the password with short-term credentials.
  void AddIntegrity(Bytes key);
  void AddIntegritySha256(Bytes key);
  // Over everything so far; nothing may follow.
  void AddFingerprint();

  // The size of the message; nullopt when `out` was too small for it.
  std::optional<size_t> Finish();

 private:
  void BeginAttribute(AttributeType type, size_t size);
  // `mask` is what 16 bytes of address, and the port too, are exclusive-ored with.
  void AddMaskedAddress(AttributeType type, const SocketAddress& address, Bytes mask);
  // To 32 bits, after a value of `size` bytes.
  void Pad(size_t size);
  // Makes the header's length count what is written and `upcoming` bytes more.
  void PatchLength(size_t upcoming);

  ByteWriter writer_;
  Header header_;
};

}  // namespace ocellus::stun
