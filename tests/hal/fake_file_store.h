// SPDX-License-Identifier: Apache-2.0
// Files in memory, under the contract of hal::FileStore. A test may hold the disk's answers back,
// fill the disk, and break it.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "hal/file_store.h"

namespace ocellus::hal {

class FakeFileStore final : public FileStore {
 public:
  using Content = std::vector<uint8_t>;

  void Start(FileRequestId id, FileRequest request) override {
    requests_.push_back({id, std::move(request)});
    if (!is_slow) Work();
  }

  std::optional<FileCompletion> PollCompletion() override {
    if (completions_.empty()) return std::nullopt;
    FileCompletion completion = std::move(completions_.front());
    completions_.pop_front();
    return completion;
  }

  // Carries out the next `count` requests.
  void Work(size_t count = SIZE_MAX) {
    for (; count > 0 && !requests_.empty(); --count) {
      auto [id, request] = std::move(requests_.front());
      requests_.pop_front();
      FileCompletion completion;
      completion.id = id;
      const bool is_close = std::holds_alternative<CloseFile>(request);
      std::visit([&](auto& each) { Do(each, completion); }, request);
      if (!is_close) completions_.push_back(std::move(completion));
    }
  }

  void Put(const std::string& area, const std::string& name, Content content) {
    areas_[area][name] = {std::make_shared<Content>(std::move(content)), ++clock_ms_};
  }
  // nullptr: there is none.
  const Content* Find(const std::string& area, const std::string& name) const {
    const auto folder = areas_.find(area);
    if (folder == areas_.end()) return nullptr;
    const auto file = folder->second.find(name);
    return file == folder->second.end() ? nullptr : file->second.content.get();
  }
  // Bytes of the attempt at `name` that was left; nullptr: there is none.
  const Content* FindPart(const std::string& area, const std::string& name) const {
    for (const auto& [key, part] : parts_) {
      if (key.area == area && key.name == name) return part.get();
    }
    return nullptr;
  }
  size_t open_files() const { return open_.size(); }
  size_t waiting() const { return requests_.size(); }

  bool is_slow = false;          // Requests wait for Work().
  size_t free_bytes = SIZE_MAX;  // What the disk has left for AppendFile.
  Status commit_status;          // What comes of CommitFile.

 private:
  struct Stored {
    std::shared_ptr<Content> content;
    int64_t modified_unix_ms = 0;
  };
  struct PartKey {
    std::string area, name;
    std::array<uint8_t, 32> digest{};

    friend bool operator<(const PartKey& a, const PartKey& b) {
      return std::tie(a.area, a.name, a.digest) < std::tie(b.area, b.name, b.digest);
    }
  };
  struct Open {
    std::shared_ptr<Content> content;
    std::optional<PartKey> part;
  };

  static Status NotOpen() { return Status(StatusCode::kFailedPrecondition, "not open"); }

  void Do(const ListFiles& list, FileCompletion& completion) {
    for (const auto& [name, stored] : areas_[list.area]) {
      completion.files.push_back({name, stored.content->size(), stored.modified_unix_ms});
    }
    std::sort(completion.files.begin(), completion.files.end(),
              [](const FileEntry& a, const FileEntry& b) {
                return a.modified_unix_ms > b.modified_unix_ms;
              });
    completion.total = completion.files.size();
    completion.files.resize(std::min(completion.files.size(), list.most));
  }

  void Do(const DeleteFile& request, FileCompletion& completion) {
    if (areas_[request.area].erase(request.name) > 0) return;
    completion.status = Status(StatusCode::kNotFound, request.area + " has no such file");
  }

  void Do(const OpenFile& request, FileCompletion& completion) {
    const auto file = areas_[request.area].find(request.name);
    if (file == areas_[request.area].end()) {
      completion.status = Status(StatusCode::kNotFound, request.area + " has no such file");
      return;
    }
    open_[request.file] = {file->second.content, std::nullopt};
    completion.size = file->second.content->size();
  }

  void Do(const CreateFile& request, FileCompletion& completion) {
    uint64_t used = request.size;
    for (const auto& [name, stored] : areas_[request.area]) {
      if (name != request.name) used += stored.content->size();
    }
    if (used > request.quota) {
      completion.status = Status(StatusCode::kResourceExhausted, "over the quota");
      return;
    }
    const PartKey key{request.area, request.name, request.digest};
    std::shared_ptr<Content>& part = parts_[key];
    if (!part || part->size() > request.size) part = std::make_shared<Content>();
    open_[request.file] = {part, key};
    completion.size = part->size();
  }

  void Do(const ReadFile& request, FileCompletion& completion) {
    const auto open = open_.find(request.file);
    if (open == open_.end()) {
      completion.status = NotOpen();
      return;
    }
    const Content& content = *open->second.content;
    const size_t begin = std::min<size_t>(request.offset, content.size());
    const size_t end = begin + std::min(request.size, content.size() - begin);
    completion.content.assign(content.data() + begin, content.data() + end);
  }

  void Do(const AppendFile& request, FileCompletion& completion) {
    const auto open = open_.find(request.file);
    if (open == open_.end() || !open->second.part) {
      completion.status = NotOpen();
    } else if (request.content.size() > free_bytes) {
      completion.status = Status(StatusCode::kResourceExhausted, "the disk is full");
    } else {
      free_bytes -= request.content.size();
      Content& content = *open->second.content;
      content.insert(content.end(), request.content.begin(), request.content.end());
    }
  }

  void Do(const CommitFile& request, FileCompletion& completion) {
    const auto open = open_.find(request.file);
    if (open == open_.end() || !open->second.part) {
      completion.status = NotOpen();
    } else if (!commit_status.ok()) {
      completion.status = commit_status;
    } else {
      const PartKey key = *open->second.part;
      areas_[key.area][key.name] = {open->second.content, ++clock_ms_};
      parts_.erase(key);
      open_.erase(open);
    }
  }

  void Do(const CloseFile& request, FileCompletion&) {
    const auto open = open_.find(request.file);
    if (open == open_.end()) return;
    if (open->second.part && request.unfinished == Unfinished::kDiscard) {
      parts_.erase(*open->second.part);
    }
    open_.erase(open);
  }

  std::map<std::string, std::map<std::string, Stored>> areas_;
  std::map<PartKey, std::shared_ptr<Content>> parts_;
  std::map<FileHandle, Open> open_;
  std::deque<std::pair<FileRequestId, FileRequest>> requests_;
  std::deque<FileCompletion> completions_;
  int64_t clock_ms_ = 1'700'000'000'000;
};

}  // namespace ocellus::hal
