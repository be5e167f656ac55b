// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class StreamMethods : public testing::Test {
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

TEST_F(StreamMethods, TellTheStream) {
  EXPECT_EQ(ResultOf("stream.get"),
            R"({"width":1280,"height":720,"frames_per_second":30,"bitrate_bps":2000000})");
}

TEST_F(StreamMethods, ChangeOnlyWhatIsNamed) {
  EXPECT_EQ(ResultOf("stream.set", R"({"bitrate_bps":1500000})"),
            R"({"width":1280,"height":720,"frames_per_second":30,"bitrate_bps":1500000})");
  EXPECT_EQ(ResultOf("stream.set", R"({"width":640,"height":360,"frames_per_second":15})"),
            R"({"width":640,"height":360,"frames_per_second":15,"bitrate_bps":1500000})");
}

TEST_F(StreamMethods, RefuseWhatNoStreamHas) {
  EXPECT_EQ(ErrorOf("stream.set", R"({"width":640})"),
            "-32602 stream.set: a size has both, \"width\" and \"height\"");
  EXPECT_EQ(
      ErrorOf("stream.set", R"({"width":641,"height":480})"),
      "-32602 stream.set: \"width\" must be a whole number from 16 to 3840 in steps of 2, not "
      "641");
  EXPECT_EQ(ErrorOf("stream.set", R"({"frames_per_second":0})"),
            "-32602 stream.set: \"frames_per_second\" must be a whole number from 1 to 120, not 0");
  EXPECT_EQ(ErrorOf("stream.set"),
            "-32602 stream.set: needs one at least of \"width\", \"height\", "
            "\"frames_per_second\", \"bitrate_bps\"");
  EXPECT_TRUE(rig_.camera.tickets.empty());
}

TEST_F(StreamMethods, TellWhatTheCameraSays) {
  rig_.camera.status = Status(StatusCode::kUnsupported, "the camera encodes by itself");
  EXPECT_EQ(ErrorOf("stream.set", R"({"bitrate_bps":1500000})"),
            "-32007 stream.set: the camera encodes by itself");
}

TEST_F(StreamMethods, AskForAKeyframe) {
  EXPECT_EQ(ResultOf("stream.request_keyframe"), "{}");
  EXPECT_EQ(rig_.camera.keyframes, 1);
}

TEST_F(StreamMethods, TakeSnapshotsForViewersToo) {
  rig_.camera.pends = true;
  const ClientId viewer = rig_.Open(Role::kViewer);
  EXPECT_EQ(rig_.Call(viewer, "snapshot.take"), "");
  rig_.FinishAll(R"({"area":"snapshots","name":"a.jpg"})");
  EXPECT_EQ(rig_.Read(viewer),
            R"({"jsonrpc":"2.0","id":1,"result":{"area":"snapshots","name":"a.jpg"}})");
}

}  // namespace
}  // namespace ocellus::control
