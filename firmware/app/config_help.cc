// SPDX-License-Identifier: Apache-2.0
// What is written of the settings for people: --help, and docs/configuration.md.
#include "firmware/app/config.h"
#include "firmware/app/setting_table.h"
#include "firmware/base/text.h"

namespace ocellus::app {
namespace {

// Appends `text`, broken between words into lines that start at column `indent`.
void AppendWrapped(std::string_view text, size_t indent, std::string& out) {
  constexpr size_t kColumns = 80;
  size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = TakeUntil(text, ' ');
    if (column > indent && column + 1 + word.size() > kColumns) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  out += '\n';
}

}  // namespace

std::string HelpText() {
  constexpr size_t kHelpColumn = 6;
  std::string text =
      "Ocellus shows a camera live in any browser.\n"
      "\n"
      "Usage: ocellus [--key value]...\n"
      "\n"
      "A flag beats its environment variable (--http-port: OCELLUS_HTTP_PORT), and that\n"
      "beats the same key in the file that --config names.\n"
      "\n";
  for (const SettingSpec& setting : SettingTable()) {
    if (setting.is_secret()) {
      text +=
          Format("  %s=%s\n      ", EnvironmentNameOf(setting.key).c_str(), setting.placeholder);
    } else {
      text += Format("  --%s %s\n      ", setting.key, setting.placeholder);
    }
    std::string help = setting.help;
    help += " (" + setting.Allowed();
    if (*setting.default_value != '\0') help += Format("; default %s", setting.default_value);
    AppendWrapped(help + ")", kHelpColumn, text);
  }
  text +=
      "  --check-network\n"
      "      Says how viewers can reach this camera, and what stands in the way.\n"
      "  --help\n"
      "      Shows this.\n"
      "  --version\n"
      "      Shows the version.\n";
  return text;
}

// A vertical bar would end the cell.
std::string MarkdownCell(const std::string& text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

std::string HelpMarkdown() {
  std::string text =
      "# Configuration\n"
      "\n"
      "Written by `ocellus --help-markdown` from the table in `firmware/app/setting_table.cc`; a "
      "test\n"
      "compares them.\n"
      "\n"
      "Each setting is a flag, an environment variable and a key of the YAML file that `--config`\n"
      "names. A flag beats the environment, and that beats the file. Unknown keys and values out\n"
      "of range are refused.\n"
      "\n"
      "What is changed while the camera runs (`settings.set` and `stream.set` in docs/control.md,\n"
      "and the page) is kept in `state-dir`, and beats the file, but neither flags nor the\n"
      "environment.\n"
      "\n"
      "| key, flag | environment | takes | default | meaning |\n"
      "|---|---|---|---|---|\n";
  for (const SettingSpec& setting : SettingTable()) {
    const bool has_default = *setting.default_value != '\0';
    const std::string flag = setting.is_secret()
                                 ? std::string("no flag")
                                 : Format("`--%s %s`", setting.key, setting.placeholder);
    text +=
        Format("| `%s`, %s | `%s` | %s | %s%s%s | %s |\n", setting.key, flag.c_str(),
               EnvironmentNameOf(setting.key).c_str(), MarkdownCell(setting.Allowed()).c_str(),
               has_default ? "`" : "", setting.default_value, has_default ? "`" : "", setting.help);
  }
  return text;
}

}  // namespace ocellus::app
