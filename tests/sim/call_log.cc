// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/call_log.h"

#include "firmware/base/byte_reader.h"
#include "firmware/base/status.h"
#include "firmware/rtc/stun/dtls_in_stun.h"

namespace ocellus::sim {
namespace {

using Kind = CallLog::Kind;

// RFC 5246 section 7.4.
std::string NameOfHandshake(uint8_t type) {
  switch (type) {
    case 1:
      return "ClientHello";
    case 2:
      return "ServerHello";
    case 11:
      return "Certificate";
    case 12:
      return "ServerKeyExchange";
    case 13:
      return "CertificateRequest";
    case 14:
      return "ServerHelloDone";
    case 15:
      return "CertificateVerify";
    case 16:
      return "ClientKeyExchange";
    default:
      return "handshake " + std::to_string(type);
  }
}

std::string DescribeDtls(Bytes datagram) {
  constexpr uint8_t kChangeCipherSpec = 20;
  constexpr uint8_t kHandshake = 22;
  std::string text = "DTLS";
  ByteReader reader(datagram);
  while (reader.ok() && reader.remaining() > 0) {
    const uint8_t content = reader.ReadU8();
    reader.Skip(2);
    const bool encrypted = reader.ReadU16() > 0;  // The epoch.
    reader.Skip(6);
    const Bytes record = reader.ReadBytes(reader.ReadU16());
    if (content == kChangeCipherSpec || record.empty()) continue;
    if (content != kHandshake) {
      text += encrypted ? " data" : " alert";
    } else {
      text += " " + (encrypted ? "Finished" : NameOfHandshake(record[0]));
    }
  }
  return text;
}

CallLog::Line DescribeStun(Bytes datagram) {
  CallLog::Line line;
  const auto message = stun::Message::Parse(datagram);
  if (!message.ok()) return line;
  const bool is_check = message->message_class() == stun::MessageClass::kRequest;
  line.kind = is_check ? Kind::kCheck : Kind::kAnswer;
  line.what = is_check ? "check" : "answer";
  if (message->message_class() == stun::MessageClass::kError) line.what = "refusal";
  if (message->Has(stun::AttributeType::kUseCandidate)) line.what += ", nominating";
  const auto carried = stun::DtlsInStun::Read(*message);
  if (carried.datagram) line.what += " with " + DescribeDtls(*carried.datagram);
  return line;
}

CallLog::Line Describe(Bytes datagram) {
  CallLog::Line line;
  if (datagram.size() < 2) return line;
  if (datagram[0] <= 3) return DescribeStun(datagram);
  if (datagram[0] < 64) {
    line.kind = Kind::kHandshake;
    line.what = DescribeDtls(datagram);
  } else if (datagram[1] >= 192 && datagram[1] <= 223) {  // RFC 5761 section 4.
    line.kind = Kind::kReport;
    line.what = "RTCP";
  } else {
    line.kind = Kind::kMedia;
    line.what = "RTP";
  }
  return line;
}

}  // namespace

CallLog::CallLog(Network& network) {
  network.Observe(
      [](void* log, const Network::Observation& sent) { static_cast<CallLog*>(log)->Add(sent); },
      this);
}

void CallLog::Add(const Network::Observation& sent) {
  Line line = Describe(sent.payload);
  line.at = sent.at;
  line.from = sent.from;
  line.bytes = sent.payload.size();
  if (line.kind == Kind::kMedia && !lines_.empty()) {
    Line& last = lines_.back();
    if (last.kind == Kind::kMedia && last.at == line.at && last.from == line.from) {
      ++last.datagrams;
      last.bytes += line.bytes;
      return;
    }
  }
  lines_.push_back(std::move(line));
}

std::optional<Time> CallLog::First(Kind kind) const {
  for (const Line& line : lines_) {
    if (line.kind == kind) return line.at;
  }
  return std::nullopt;
}

std::string CallLog::Print(Time zero) const {
  std::string text;
  for (const Line& line : lines_) {
    text += Format("%8.1f ms  %-21s %s (%zu x, %zu bytes)\n",
                   static_cast<double>((line.at - zero).count()) / 1000,
                   line.from.ToString().c_str(), line.what.c_str(), line.datagrams, line.bytes);
  }
  return text;
}

}  // namespace ocellus::sim
