// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/certificate_store.h"

#include "firmware/base/log.h"
#include "platform/linux/file.h"

namespace ocellus::linux_platform {
namespace {

// Bytes: a P-256 key and certificate take about 800.
constexpr size_t kMaxPemSize = 16 * 1024;

void WipeText(std::string& text) { Wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()}); }

Result<crypto::Certificate> Parse(Random& random, const std::string& path, std::string& pem) {
  Result<crypto::Certificate> certificate = crypto::Certificate::FromPem(random, pem);
  WipeText(pem);
  if (certificate.ok()) return certificate;
  return Status(certificate.status().code(),
                Format("%s is damaged (%s): delete it for a new one", path.c_str(),
                       certificate.status().message().c_str()));
}

Result<crypto::Certificate> MakeAndStore(const std::string& path, Random& random,
                                         int64_t unix_seconds) {
  Result<crypto::Certificate> certificate = crypto::Certificate::Generate(random, unix_seconds);
  if (!certificate.ok()) return certificate;
  std::string pem = certificate->ToPem();
  const Status stored = WriteFileAtomically(path, AsBytes(pem), FileAccess::kSecret);
  WipeText(pem);
  if (!stored.ok()) {
    return Status(stored.code(), stored.message() + " (--state-dir chooses another directory)");
  }
  LOG_INFO("made a certificate: %s", path.c_str());
  return certificate;
}

}  // namespace

Result<crypto::Certificate> LoadOrMakeCertificate(const std::string& directory, Random& random,
                                                  int64_t unix_seconds) {
  const std::string path = directory + "/certificate.pem";
  Result<std::string> pem = ReadFile(path, kMaxPemSize, FileAccess::kSecret);
  if (pem.ok()) return Parse(random, path, *pem);
  if (pem.status().code() != StatusCode::kNotFound) return pem.status();
  const Status made = CreateDirectories(directory);
  if (!made.ok()) {
    return Status(made.code(), made.message() + " (--state-dir chooses another)");
  }
  return MakeAndStore(path, random, unix_seconds);
}

}  // namespace ocellus::linux_platform
