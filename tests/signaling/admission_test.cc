// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/admission.h"

#include <gtest/gtest.h>

namespace ocellus::signaling {
namespace {

constexpr Time kNow{std::chrono::hours(1)};

hal::HttpRequest RequestWith(const char* authorization) {
  hal::HttpRequest request;
  request.remote = *SocketAddress::Parse("203.0.113.7:50000");
  if (authorization != nullptr) request.headers = {{"authorization", authorization}};
  return request;
}

class AdmissionTest : public ::testing::Test {
 protected:
  Admission Try(const char* authorization, auth::Role needed = auth::Role::kViewer) {
    return Admit(kNow, access_, RequestWith(authorization), Challenge::kBearer, needed);
  }

  auth::Access access_{{"admin-token", "operator-token", {}}, auth::Viewing::kWithToken};
};

TEST_F(AdmissionTest, GivesTheRoleOfTheToken) {
  EXPECT_EQ(Try("Bearer admin-token").role, auth::Role::kAdmin);
  EXPECT_EQ(Try("Bearer operator-token").role, auth::Role::kOperator);
  EXPECT_EQ(Try("Basic OmFkbWluLXRva2Vu").role, auth::Role::kAdmin);  // ":admin-token"
}

TEST_F(AdmissionTest, RefusesWhoShowsNone) {
  const Admission admission = Try(nullptr);
  EXPECT_FALSE(admission.role);
  EXPECT_EQ(admission.refusal.status, 401);
}

// It counts as a guess, too.
TEST_F(AdmissionTest, RefusesWhatItCannotRead) {
  EXPECT_EQ(Try("Negotiate abc").refusal.status, 401);
}

TEST_F(AdmissionTest, RefusesTooLowARole) {
  const Admission admission = Try("Bearer operator-token", auth::Role::kAdmin);
  EXPECT_FALSE(admission.role);
  EXPECT_EQ(admission.refusal.status, 403);
}

}  // namespace
}  // namespace ocellus::signaling
