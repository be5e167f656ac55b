// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <utility>

#include "firmware/control/file_area.h"
#include "firmware/control/method_table.h"
#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class FilesMethods : public testing::Test {
 protected:
  std::string ResultOf(const std::string& method, const std::string& params = "{}") {
    return rig_.ResultOf(client_, method, params);
  }
  std::string ErrorOf(const std::string& method, const std::string& params = "{}") {
    return rig_.ErrorOf(client_, method, params);
  }

  ControlRig rig_;
  const ClientId client_ = rig_.Open(Role::kOperator);
};

TEST_F(FilesMethods, ListAnArea) {
  const Result<json::Value> list =
      json::Value::Parse(ResultOf("files.list", R"({"area":"snapshots"})"));
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->view()["total"].AsNumber(), 1);
  EXPECT_EQ(list->view()["files"].at(0)["name"].AsString(), "snapshot-20261121041500.jpg");
}

TEST_F(FilesMethods, Delete) {
  EXPECT_EQ(
      ResultOf("files.delete", R"({"area":"snapshots","name":"snapshot-20261121041500.jpg"})"),
      "{}");
  EXPECT_EQ(
      json::Value::Parse(ResultOf("files.list", R"({"area":"snapshots"})"))->view()["files"].size(),
      0u);
  EXPECT_EQ(ErrorOf("files.delete", R"({"area":"snapshots","name":"snapshot-20261121041500.jpg"})")
                .substr(0, 6),
            "-32002");
}

// The table says the least role that any area lets in.
TEST_F(FilesMethods, NameTheLeastRoleThatCanEverSucceed) {
  const std::pair<const char*, FileAccess> kMethods[] = {{"files.list", FileAccess::kRead},
                                                         {"files.delete", FileAccess::kDelete}};
  for (const auto& [name, access] : kMethods) {
    for (const Role role : {Role::kViewer, Role::kOperator, Role::kAdmin}) {
      bool succeeds = false;
      for (const FileArea area :
           {FileArea::kSnapshots, FileArea::kRecordings, FileArea::kFirmware}) {
        succeeds = succeeds || CheckFileAccess(area, access, role).ok();
      }
      EXPECT_EQ(auth::Includes(role, FindMethod(name)->role), succeeds)
          << name << ' ' << auth::ToString(role);
    }
  }
}

TEST_F(FilesMethods, GoByTheAreasRoles) {
  const ClientId viewer = rig_.Open(Role::kViewer);
  EXPECT_EQ(rig_.ErrorOf(viewer, "files.list", R"({"area":"recordings"})").substr(0, 6), "-32001");
  EXPECT_EQ(
      rig_.ErrorOf(viewer, "files.delete", R"({"area":"snapshots","name":"a.jpg"})").substr(0, 6),
      "-32001");
  EXPECT_EQ(ErrorOf("files.list", R"({"area":"firmware"})").substr(0, 6), "-32001");
  EXPECT_EQ(ErrorOf("files.delete", R"({"area":"recordings","name":"a.mp4"})").substr(0, 6),
            "-32001");
  EXPECT_EQ(ErrorOf("files.list", R"({"area":"attic"})").substr(0, 6), "-32002");
}

}  // namespace
}  // namespace ocellus::control
