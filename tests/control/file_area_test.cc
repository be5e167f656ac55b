// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_area.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "firmware/base/limits.h"

namespace ocellus::control {
namespace {

using ::testing::HasSubstr;

StatusCode Check(FileArea area, FileAccess access, auth::Role role) {
  return CheckFileAccess(area, access, role).code();
}

TEST(FileArea, IsReadAsItIsWritten) {
  for (const FileArea area : {FileArea::kSnapshots, FileArea::kRecordings, FileArea::kFirmware}) {
    EXPECT_EQ(*ParseFileArea(ToString(area)), area);
  }
  const Status unknown = ParseFileArea("../etc").status();
  EXPECT_EQ(unknown.code(), StatusCode::kNotFound);
  EXPECT_THAT(unknown.message(), HasSubstr("snapshots, recordings and firmware"));
}

TEST(FileArea, LetsEachRoleDoWhatItMay) {
  constexpr auto kOk = StatusCode::kOk;
  constexpr auto kDenied = StatusCode::kPermissionDenied;
  constexpr auto kNobody = StatusCode::kUnsupported;
  struct Row {
    FileArea area;
    FileAccess access;
    StatusCode viewer, op, admin;
  };
  const Row rows[] = {
      {FileArea::kSnapshots, FileAccess::kRead, kOk, kOk, kOk},
      {FileArea::kSnapshots, FileAccess::kWrite, kNobody, kNobody, kNobody},
      {FileArea::kSnapshots, FileAccess::kDelete, kDenied, kOk, kOk},
      {FileArea::kRecordings, FileAccess::kRead, kDenied, kOk, kOk},
      {FileArea::kRecordings, FileAccess::kWrite, kNobody, kNobody, kNobody},
      {FileArea::kRecordings, FileAccess::kDelete, kDenied, kDenied, kOk},
      {FileArea::kFirmware, FileAccess::kRead, kDenied, kDenied, kOk},
      {FileArea::kFirmware, FileAccess::kWrite, kDenied, kDenied, kOk},
      {FileArea::kFirmware, FileAccess::kDelete, kDenied, kDenied, kOk},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(ToString(row.area) + std::to_string(static_cast<int>(row.access)));
    EXPECT_EQ(Check(row.area, row.access, auth::Role::kViewer), row.viewer);
    EXPECT_EQ(Check(row.area, row.access, auth::Role::kOperator), row.op);
    EXPECT_EQ(Check(row.area, row.access, auth::Role::kAdmin), row.admin);
  }
  EXPECT_THAT(
      CheckFileAccess(FileArea::kFirmware, FileAccess::kWrite, auth::Role::kViewer).message(),
      HasSubstr("admin"));
}

TEST(FileArea, HasAQuotaWhereClientsWrite) {
  EXPECT_EQ(FileAreaQuota(FileArea::kFirmware), kFirmwareAreaSize);
  EXPECT_FALSE(FileAreaQuota(FileArea::kSnapshots));
  EXPECT_FALSE(FileAreaQuota(FileArea::kRecordings));
}

TEST(FileName, IsOfPlainCharacters) {
  for (const std::string name :
       {"a", "ocellus-1.2.3.img", "2026-11-21 03.40 (2).mp4", "A_b+c@d,e=f", "CON~1", "a..b"}) {
    EXPECT_TRUE(CheckFileName(name).ok()) << name;
  }
  EXPECT_TRUE(CheckFileName(std::string(kMaxFileNameSize, 'x')).ok());
}

TEST(FileName, IsNoPathAndNothingThatADiskRefuses) {
  for (const std::string name : {"",     ".",   "..", ".hidden", "../x", "a/b",   "/etc/passwd",
                                 "a\\b", "c:x", "a*", "a?",      "a\"b", "a<b",   "a>b",
                                 "a|b",  "x.",  "x ", " x",      "a\nb", "a\x7f", "a\xc3\xa9"}) {
    const Status status = CheckFileName(name);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << name;
    EXPECT_FALSE(status.message().empty()) << name;
  }
  EXPECT_FALSE(CheckFileName(std::string_view("a\0b", 3)).ok());
  EXPECT_THAT(CheckFileName(std::string(kMaxFileNameSize + 1, 'x')).message(), HasSubstr("128"));
}

}  // namespace
}  // namespace ocellus::control
