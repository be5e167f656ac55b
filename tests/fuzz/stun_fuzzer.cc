// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as STUN, asks everything there is to ask, and writes what was read: the copy must
// read the same.
#include <array>

#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::stun {
namespace {

void AskEverything(const Message& message) {
  static_cast<void>(message.FindU32(AttributeType::kPriority));
  static_cast<void>(message.FindU64(AttributeType::kIceControlling));
  static_cast<void>(message.FindXorAddress(AttributeType::kXorMappedAddress));
  static_cast<void>(message.FindAddress(AttributeType::kOtherAddress));
  static_cast<void>(message.FindErrorCode());
  static_cast<void>(message.FingerprintMatches());
  static_cast<void>(message.IntegrityMatches(AsBytes("VOkJxbRl1RmTxUk/WvJxBt")));
  static_cast<void>(message.IntegritySha256Matches(AsBytes("VOkJxbRl1RmTxUk/WvJxBt")));
}

void CheckCopy(const Message& message) {
  std::array<uint8_t, 4096 + kHeaderSize> out;
  MessageWriter writer(out, {message.message_class(), message.method(), message.transaction_id()});
  for (const Attribute attribute : message) writer.Add(attribute.type, attribute.value);
  writer.AddIntegrity(AsBytes("key"));
  writer.AddFingerprint();
  const auto size = writer.Finish();
  CHECK(size, "the copy does not fit into %zu bytes", out.size());

  const auto copy = Message::Parse(Bytes(out).first(*size));
  CHECK(copy.ok(), "the copy cannot be read: %s", copy.status().ToString().c_str());
  CHECK(copy->FingerprintMatches() && copy->IntegrityMatches(AsBytes("key")), "size %zu", *size);
  CHECK(copy->message_class() == message.message_class() && copy->method() == message.method() &&
            copy->transaction_id() == message.transaction_id(),
        "another header, size %zu", *size);
  auto theirs = copy->begin();
  for (const Attribute attribute : message) {
    CHECK(theirs != copy->end(), "an attribute is missing, size %zu", *size);
    CHECK((*theirs).type == attribute.type && (*theirs).value == attribute.value,
          "attribute %u is another", static_cast<unsigned>(attribute.type));
    ++theirs;
  }
  CHECK(!(theirs != copy->end()), "an attribute too many, size %zu", *size);
}

}  // namespace
}  // namespace ocellus::stun

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 4000) return 0;
  const auto message = ocellus::stun::Message::Parse({data, size});
  if (!message.ok()) return 0;
  ocellus::stun::AskEverything(*message);
  ocellus::stun::CheckCopy(*message);
  return 0;
}
