// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/yaml_config.h"

#include <yaml.h>

#include <algorithm>

#include "firmware/base/text.h"

namespace ocellus::linux_platform {
namespace {

// Owns what yaml_parser_parse filled in.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }

  yaml_event_t* get() { return &event_; }
  yaml_event_type_t type() const { return event_.type; }
  size_t line() const { return event_.start_mark.line + 1; }
  // Of a scalar; valid as long as this.
  std::string_view text() const {
    const auto& scalar = event_.data.scalar;
    return {reinterpret_cast<const char*>(scalar.value), scalar.length};
  }

 private:
  yaml_event_t event_{};
};

class Reader {
 public:
  Reader(std::string_view text, const std::string& name, const Environment& environment)
      : name_(name), environment_(environment) {
    CHECK(yaml_parser_initialize(&parser_) == 1, "out of memory");
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { yaml_parser_delete(&parser_); }

  // The whole file: an empty one, or one document with one mapping.
  Result<std::vector<app::RawSetting>> Read() {
    Event start;
    RETURN_IF_ERROR(Next(start));  // The stream's start.
    Event document;
    RETURN_IF_ERROR(Next(document));
    if (document.type() == YAML_STREAM_END_EVENT) return std::move(settings_);
    Event content;
    RETURN_IF_ERROR(Next(content));
    const bool is_empty = content.type() == YAML_SCALAR_EVENT && content.text().empty();
    if (!is_empty) {
      if (content.type() != YAML_MAPPING_START_EVENT) {
        return Refuse(content.line(), "expected \"key: value\" lines");
      }
      RETURN_IF_ERROR(ReadMapping());
    }
    Event document_end;
    RETURN_IF_ERROR(Next(document_end));
    Event end;
    RETURN_IF_ERROR(Next(end));
    if (end.type() != YAML_STREAM_END_EVENT) {
      return Refuse(end.line(), "a second document is not allowed");
    }
    return std::move(settings_);
  }

 private:
  Status Next(Event& event) {
    if (yaml_parser_parse(&parser_, event.get()) == 1) return {};
    const char* problem = parser_.problem == nullptr ? "cannot be read" : parser_.problem;
    return Status(StatusCode::kMalformed, Origin(parser_.problem_mark.line + 1) + ": " + problem);
  }

  Status ReadMapping() {
    while (true) {
      Event key;
      RETURN_IF_ERROR(Next(key));
      if (key.type() == YAML_MAPPING_END_EVENT) return {};
      if (key.type() != YAML_SCALAR_EVENT) return Refuse(key.line(), "a key must be plain text");
      RETURN_IF_ERROR(ReadValue(key));
    }
  }

  Status ReadValue(const Event& key) {
    const std::string name(key.text());
    const auto before = std::find_if(settings_.begin(), settings_.end(),
                                     [&](const auto& setting) { return setting.key == name; });
    if (before != settings_.end()) {
      return Refuse(key.line(),
                    Format("\"%s\" is already set at %s", name.c_str(), before->origin.c_str()));
    }
    Event value;
    RETURN_IF_ERROR(Next(value));
    if (value.type() != YAML_SCALAR_EVENT) {
      return Refuse(
          value.line(),
          Format("\"%s\" takes one value, not a list, a mapping or an alias", name.c_str()));
    }
    Result<std::string> expanded = Expand(value);
    if (!expanded.ok()) return expanded.status();
    settings_.push_back({name, std::move(*expanded), Origin(key.line())});
    return {};
  }

  // Replaces ${VARIABLE}, ${VARIABLE:default} and $$.
  Result<std::string> Expand(const Event& value) const {
    std::string expanded;
    std::string_view rest = value.text();
    while (true) {
      const size_t dollar = rest.find('$');
      expanded += rest.substr(0, dollar);
      if (dollar == std::string_view::npos) return expanded;
      rest.remove_prefix(dollar + 1);
      if (StartsWith(rest, "$")) {
        expanded += '$';
        rest.remove_prefix(1);
        continue;
      }
      const size_t end = rest.find('}');
      if (!StartsWith(rest, "{") || end == std::string_view::npos) {
        return Refuse(value.line(), "\"$\" starts ${VARIABLE}; write $$ for a dollar sign");
      }
      std::string_view fallback = rest.substr(1, end - 1);
      rest.remove_prefix(end + 1);
      const bool has_fallback = fallback.find(':') != std::string_view::npos;
      const std::string variable(TakeUntil(fallback, ':'));
      const std::optional<std::string> found = environment_(variable);
      if (!found && !has_fallback) {
        return Refuse(value.line(), Format("the environment variable %s is not set (a default "
                                           "goes like this: ${%s:value})",
                                           variable.c_str(), variable.c_str()));
      }
      expanded += found ? *found : std::string(fallback);
    }
  }

  std::string Origin(size_t line) const { return Format("%s:%zu", name_.c_str(), line); }

  Status Refuse(size_t line, const std::string& why) const {
    return Status(StatusCode::kInvalidArgument, Origin(line) + ": " + why);
  }

  const std::string& name_;
  const Environment& environment_;
  yaml_parser_t parser_{};
  std::vector<app::RawSetting> settings_;
};

}  // namespace

Result<std::vector<app::RawSetting>> ParseYamlSettings(std::string_view text,
                                                       const std::string& name,
                                                       const Environment& environment) {
  return Reader(text, name, environment).Read();
}

}  // namespace ocellus::linux_platform
