// SPDX-License-Identifier: Apache-2.0
// Ends a process at each of its system calls in turn, as a power cut would, but for what the kernel
// has not put on the disk yet: for that, the order of fsync and rename is told.
#pragma once

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>

namespace ocellus::linux_platform {

enum class PowerCut {
  kHappened,     // The body was killed before a system call.
  kTooLate,      // The body has ended before.
  kUnsupported,  // Here nobody may trace a process.
};

// Runs `body` in a child and kills it before its `count`th system call (1: the first). `order`
// becomes the calls that matter until then: "sync rename sync".
inline PowerCut CutPowerAtCall(int count, const std::function<void()>& body, std::string& order) {
  order.clear();
  const pid_t child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(77);
    raise(SIGSTOP);
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFSTOPPED(status)) return PowerCut::kUnsupported;
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  for (int seen = 0; seen < count;) {
    ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) return PowerCut::kTooLate;
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) continue;
    __ptrace_syscall_info info{};
    ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info);
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY || ++seen == count) continue;
    const auto is = [&](long number) { return info.entry.nr == static_cast<uint64_t>(number); };
    if (is(SYS_fsync) || is(SYS_fdatasync)) order += order.empty() ? "sync" : " sync";
#ifdef SYS_rename
    if (is(SYS_rename)) order += " rename";
#endif
    if (is(SYS_renameat) || is(SYS_renameat2)) order += " rename";
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return PowerCut::kHappened;
}

}  // namespace ocellus::linux_platform
