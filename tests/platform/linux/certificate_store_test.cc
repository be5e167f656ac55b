// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/certificate_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/file.h"
#include "platform/linux/random.h"
#include "tests/platform/linux/temporary_directory.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int64_t kNow = 1'790'000'000;  // 2026.

class CertificateStoreTest : public testing::Test {
 protected:
  Result<crypto::Certificate> Load() { return LoadOrMakeCertificate(path_, random_, kNow); }
  Status Overwrite(std::string_view pem, FileAccess access) {
    return WriteFileAtomically(pem_, AsBytes(pem), access);
  }
  std::string Pem() { return *ReadFile(pem_, 100'000, FileAccess::kPublic); }

  LinuxRandom random_;
  const TemporaryDirectory directory_;
  const std::string path_ = directory_ / "deep/state";
  const std::string pem_ = path_ + "/certificate.pem";
};

// Checklist 30: one certificate per device, made at first boot, key file 0600, never in a log.
TEST_F(CertificateStoreTest, IsMadeOnceAndThenTheSame) {
  testing::internal::CaptureStderr();
  const Result<crypto::Certificate> first = Load();
  ASSERT_TRUE(first.ok()) << first.status().message();
  struct stat status {};
  ASSERT_EQ(stat(pem_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  const Result<crypto::Certificate> second = Load();
  ASSERT_TRUE(second.ok()) << second.status().message();
  EXPECT_EQ(first->der(), second->der());
  EXPECT_EQ(testing::internal::GetCapturedStderr().find("PRIVATE"), std::string::npos);
}

TEST_F(CertificateStoreTest, DevicesHaveDifferentOnes) {
  const TemporaryDirectory other;
  EXPECT_NE(Load()->der(), LoadOrMakeCertificate(other.path(), random_, kNow)->der());
}

TEST_F(CertificateStoreTest, ADamagedFileIsAnErrorAndStays) {
  ASSERT_TRUE(Load().ok());
  const std::string half = Pem().substr(0, 200);
  for (const std::string& damaged : {half, std::string(), std::string("garbage")}) {
    ASSERT_TRUE(Overwrite(damaged, FileAccess::kSecret).ok());
    const Status status = Load().status();
    EXPECT_THAT(status.message(), AllOf(HasSubstr(pem_), HasSubstr("delete it")));
    EXPECT_EQ(Pem(), damaged);
  }
}

// Checklist 30.
TEST_F(CertificateStoreTest, AKeyThatOthersCanReadIsRefused) {
  ASSERT_TRUE(Load().ok());
  ASSERT_TRUE(Overwrite(Pem(), FileAccess::kPublic).ok());
  const Status status = Load().status();
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_THAT(status.message(), AllOf(HasSubstr(pem_), HasSubstr("chmod 600")));
}

TEST_F(CertificateStoreTest, ADirectoryThatCannotBeMadeNamesTheFlag) {
  ASSERT_TRUE(
      WriteFileAtomically(directory_ / "deep", AsBytes("a file"), FileAccess::kPublic).ok());
  const Status status = Load().status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr("--state-dir"));
}

}  // namespace
}  // namespace ocellus::linux_platform
