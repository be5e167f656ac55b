// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/system_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace ocellus::linux_platform {
namespace {

TEST(SystemError, SaysWhatFailedAndWhy) {
  const Status status = SystemError(EACCES, "cannot read /etc/shadow");
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(status.message(), "cannot read /etc/shadow: Permission denied");
}

TEST(SystemError, KeepsTheKindOfError) {
  EXPECT_EQ(SystemError(ENOENT, "").code(), StatusCode::kNotFound);
  EXPECT_EQ(SystemError(EADDRINUSE, "").code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(SystemError(EADDRNOTAVAIL, "").code(), StatusCode::kUnavailable);
  EXPECT_EQ(SystemError(ECONNREFUSED, "").code(), StatusCode::kUnavailable);
  EXPECT_EQ(SystemError(ETIMEDOUT, "").code(), StatusCode::kTimeout);
  EXPECT_EQ(SystemError(EMFILE, "").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(SystemError(EIO, "").code(), StatusCode::kInternal);
}

}  // namespace
}  // namespace ocellus::linux_platform
