// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_messages.h"

#include <utility>

#include "firmware/base/limits.h"
#include "firmware/control/error_code.h"
#include "firmware/json/json.h"

namespace ocellus::control {
namespace {

Status Wrong(const char* member, const char* what) {
  return Status(StatusCode::kInvalidArgument, Format("\"%s\" must be %s", member, what));
}

Status ReadPlace(json::View message, FileArea& area, std::string& name) {
  const auto area_text = message["area"].AsString();
  if (!area_text) return Wrong("area", "a string");
  const Result<FileArea> parsed = ParseFileArea(*area_text);
  if (!parsed.ok()) return parsed.status();
  const auto name_text = message["name"].AsString();
  if (!name_text) return Wrong("name", "a string");
  RETURN_IF_ERROR(CheckFileName(*name_text));
  area = *parsed;
  name = *name_text;
  return {};
}

Status ReadBytesNumber(json::View message, const char* member, uint64_t& number) {
  const std::optional<int64_t> integer = message[member].AsInteger();
  if (!integer || *integer < 0) return Wrong(member, "a whole number of bytes");
  number = static_cast<uint64_t>(*integer);
  return {};
}

Result<FileClientMessage> ParseGet(json::View message) {
  FileGet get;
  RETURN_IF_ERROR(ReadPlace(message, get.area, get.name));
  if (message["offset"].exists()) RETURN_IF_ERROR(ReadBytesNumber(message, "offset", get.offset));
  return FileClientMessage(std::move(get));
}

Result<FileClientMessage> ParsePut(json::View message) {
  FilePut put;
  RETURN_IF_ERROR(ReadPlace(message, put.area, put.name));
  RETURN_IF_ERROR(ReadBytesNumber(message, "size", put.size));
  const auto digest = crypto::ParseSha256(message["sha256"].AsString().value_or(""));
  if (!digest) return Wrong("sha256", "a string of 64 hexadecimal digits");
  put.digest = *digest;
  return FileClientMessage(std::move(put));
}

json::Value Message(const char* type) {
  json::Value message = json::Value::Object();
  message.Set("type", type);
  return message;
}

}  // namespace

Result<FileClientMessage> ParseFileMessage(std::string_view text) {
  if (text.size() > kMaxFileTextSize) {
    return Status(StatusCode::kResourceExhausted, Format("a text message has at most %u bytes",
                                                         static_cast<unsigned>(kMaxFileTextSize)));
  }
  const Result<json::Value> parsed = json::Value::Parse(text);
  if (!parsed.ok()) return parsed.status();
  const json::View message = parsed->view();
  const auto type = message["type"].AsString();
  if (!type) return Wrong("type", "a string");
  if (*type == "get") return ParseGet(message);
  if (*type == "put") return ParsePut(message);
  if (*type == "received") return FileClientMessage(FileReceived{});
  if (*type == "cancel" || *type == "error") return FileClientMessage(FileCancel{});
  return Status(StatusCode::kUnsupported,
                "\"type\" must be get, put, received, cancel or error here");
}

std::string WriteFileOffer(const FileGet& get, uint64_t size,
                           const std::optional<crypto::Sha256Digest>& digest) {
  json::Value message = Message("offer");
  message.Set("name", get.name).Set("size", size).Set("offset", get.offset);
  if (digest) message.Set("sha256", crypto::ToHex(*digest));
  return message.Write();
}

std::string WriteFileEnd(const crypto::Sha256Digest& digest) {
  return Message("end").Set("sha256", crypto::ToHex(digest)).Write();
}

std::string WriteFileAccept(uint64_t offset) {
  return Message("accept").Set("offset", offset).Write();
}

std::string WriteFileProgress(uint64_t offset) {
  return Message("progress").Set("offset", offset).Write();
}

std::string WriteFileDone(const crypto::Sha256Digest& digest) {
  return Message("done").Set("sha256", crypto::ToHex(digest)).Write();
}

std::string WriteFileError(const Status& status) {
  const std::string& text = status.message();
  return Message("error")
      .Set("code", ErrorCode(status.code()))
      .Set("message", text.empty() ? std::string(ToString(status.code())) : text)
      .Write();
}

}  // namespace ocellus::control
