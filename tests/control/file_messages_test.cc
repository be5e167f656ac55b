// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "firmware/base/limits.h"

namespace ocellus::control {
namespace {

using ::testing::HasSubstr;

const std::string kHash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(FileMessages, ReadsWhatAClientSays) {
  const auto get = ParseFileMessage(
      R"({"type":"get","area":"recordings","name":"a.mp4","offset":5000000000,"more":[1]})");
  ASSERT_TRUE(get.ok()) << get.status().ToString();
  EXPECT_EQ(std::get<FileGet>(*get).area, FileArea::kRecordings);
  EXPECT_EQ(std::get<FileGet>(*get).name, "a.mp4");
  EXPECT_EQ(std::get<FileGet>(*get).offset, 5'000'000'000u);

  const auto put = ParseFileMessage(
      R"({"type":"put","area":"firmware","name":"b","size":7,"sha256":")" + kHash + "\"}");
  ASSERT_TRUE(put.ok()) << put.status().ToString();
  EXPECT_EQ(std::get<FilePut>(*put).area, FileArea::kFirmware);
  EXPECT_EQ(std::get<FilePut>(*put).name, "b");
  EXPECT_EQ(std::get<FilePut>(*put).size, 7u);
  EXPECT_EQ(crypto::ToHex(std::get<FilePut>(*put).digest), kHash);

  EXPECT_TRUE(std::holds_alternative<FileReceived>(*ParseFileMessage(R"({"type":"received"})")));
  EXPECT_TRUE(std::holds_alternative<FileCancel>(*ParseFileMessage(R"({"type":"cancel"})")));
  EXPECT_TRUE(std::holds_alternative<FileCancel>(
      *ParseFileMessage(R"({"type":"error","code":1,"message":"no"})")));
}

TEST(FileMessages, BeginsAtTheStartWhereNothingElseIsSaid) {
  const auto get = ParseFileMessage(R"({"type":"get","area":"snapshots","name":"a.jpg"})");
  EXPECT_EQ(std::get<FileGet>(*get).offset, 0u);
}

TEST(FileMessages, SaysWhatIsWrong) {
  struct Case {
    std::string text, member;
    StatusCode code = StatusCode::kInvalidArgument;
  };
  const std::string place = R"("area":"firmware","name":"b",)";
  const Case cases[] = {
      {"", "", StatusCode::kMalformed},
      {"{", "", StatusCode::kMalformed},
      {"[]", "\"type\""},
      {"7", "\"type\""},
      {R"({"type":7})", "\"type\""},
      {R"({"type":"offer"})", "\"type\"", StatusCode::kUnsupported},
      {R"({"type":"get","name":"b"})", "\"area\""},
      {R"({"type":"get","area":7,"name":"b"})", "\"area\""},
      {R"({"type":"get","area":"etc","name":"b"})", "area", StatusCode::kNotFound},
      {R"({"type":"get","area":"firmware"})", "\"name\""},
      {R"({"type":"get","area":"firmware","name":"../b"})", "name"},
      {R"({"type":"get",)" + place + R"("offset":-1})", "\"offset\""},
      {R"({"type":"get",)" + place + R"("offset":0.5})", "\"offset\""},
      {R"({"type":"get",)" + place + R"("offset":1e300})", "\"offset\""},
      {R"({"type":"get",)" + place + R"("offset":"0"})", "\"offset\""},
      {R"({"type":"put",)" + place + R"("sha256":")" + kHash + "\"}", "\"size\""},
      {R"({"type":"put",)" + place + R"("size":-1,"sha256":")" + kHash + "\"}", "\"size\""},
      {R"({"type":"put",)" + place + R"("size":7})", "\"sha256\""},
      {R"({"type":"put",)" + place + R"("size":7,"sha256":"abc"})", "\"sha256\""},
      {"\"" + std::string(kMaxFileTextSize, 'x') + "\"", "1024", StatusCode::kResourceExhausted},
  };
  for (const Case& each : cases) {
    const auto message = ParseFileMessage(each.text);
    EXPECT_EQ(message.status().code(), each.code) << each.text;
    EXPECT_THAT(message.status().message(), HasSubstr(each.member)) << each.text;
  }
}

TEST(FileMessages, WritesWhatTheCameraSays) {
  const crypto::Sha256Digest digest = *crypto::ParseSha256(kHash);
  const FileGet get{FileArea::kSnapshots, "a.jpg", 5};
  EXPECT_EQ(WriteFileOffer(get, 9, std::nullopt),
            R"({"type":"offer","name":"a.jpg","size":9,"offset":5})");
  EXPECT_EQ(WriteFileOffer(get, 9, digest),
            R"({"type":"offer","name":"a.jpg","size":9,"offset":5,"sha256":")" + kHash + "\"}");
  EXPECT_EQ(WriteFileEnd(digest), R"({"type":"end","sha256":")" + kHash + "\"}");
  EXPECT_EQ(WriteFileAccept(5'000'000'000), R"({"type":"accept","offset":5000000000})");
  EXPECT_EQ(WriteFileProgress(262144), R"({"type":"progress","offset":262144})");
  EXPECT_EQ(WriteFileDone(digest), R"({"type":"done","sha256":")" + kHash + "\"}");
  EXPECT_EQ(WriteFileError(Status(StatusCode::kPermissionDenied, "no")),
            R"({"type":"error","code":-32001,"message":"no"})");
  EXPECT_THAT(WriteFileError(StatusCode::kNotFound), HasSubstr("not found"));
}

}  // namespace
}  // namespace ocellus::control
