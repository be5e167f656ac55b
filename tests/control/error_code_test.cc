// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/error_code.h"

#include <gtest/gtest.h>

namespace ocellus::control {
namespace {

constexpr StatusCode kErrors[] = {
    StatusCode::kInvalidArgument,   StatusCode::kTruncated,
    StatusCode::kMalformed,         StatusCode::kUnsupported,
    StatusCode::kNotFound,          StatusCode::kAlreadyExists,
    StatusCode::kPermissionDenied,  StatusCode::kFailedPrecondition,
    StatusCode::kResourceExhausted, StatusCode::kUnavailable,
    StatusCode::kTimeout,           StatusCode::kInternal,
};

// JSON-RPC 2.0 section 5.1: -32768 to -32000 are reserved, of these -32099 to -32000 for servers.
TEST(ErrorCode, IsJsonRpcsOwnOrInTheRangeForServers) {
  for (const StatusCode status : kErrors) {
    const int code = ErrorCode(status);
    EXPECT_TRUE(code == kInvalidParams || code == kInternalError ||
                (code <= -32000 && code >= -32099))
        << ToString(status) << ": " << code;
  }
}

TEST(ErrorCode, SaysWhatIsWrongWithTheRequestAsJsonRpcDoes) {
  EXPECT_EQ(ErrorCode(StatusCode::kInvalidArgument), kInvalidParams);
  EXPECT_EQ(ErrorCode(StatusCode::kMalformed), kInvalidParams);
  EXPECT_EQ(ErrorCode(StatusCode::kInternal), kInternalError);
  EXPECT_EQ(ErrorCode(StatusCode::kPermissionDenied), -32001);
  EXPECT_EQ(ErrorCode(StatusCode::kTimeout), -32006);
}

}  // namespace
}  // namespace ocellus::control
