#include "config/manifest/schema_files.hpp"

#include "config/files.hpp"
#include "config/language/value.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

namespace sluice {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t max_schema_bytes = 4 << 20;

tl::unexpected<error> missing(std::string_view path, const std::string& why) {
  return fail(errc::unreadable_file, failure_type::config_error, "the schema file " + std::string{path} + " " + why);
}

/// `path` below `folder`, if there is such a file.
std::optional<std::string> found_below(const fs::path& folder, const fs::path& path) {
  std::error_code problem;
  const auto root = fs::canonical(folder, problem);
  const auto file = problem ? fs::path{} : fs::canonical(root / path, problem);
  if (problem || !fs::is_regular_file(file, problem))
    return std::nullopt;
  const auto [rest, ignored] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  return rest == root.end() ? std::optional{file.string()} : std::nullopt;
}

} // namespace

expected<std::string> read_schema_file(const std::string& folder, std::string_view path) {
  const fs::path written{path};
  const bool leads_up = std::find(written.begin(), written.end(), "..") != written.end();
  if (folder.empty() || path.empty() || written.is_absolute() || leads_up)
    return missing(path, "is not looked for: it must be below the manifest's folder");
  const fs::path here{folder};
  auto file = found_below(here, written);
  if (!file)
    file = found_below(here / "..", written);
  if (const auto schemas = path.rfind("schemas/"); !file && schemas != std::string_view::npos)
    file = found_below(here, fs::path{path.substr(schemas)});
  if (!file)
    return missing(path, "is not there: it was looked for beside the manifest, in " + folder);
  return read_text_file(*file, "schema file", max_schema_bytes)
    .and_then([](const std::string& text) { return language::parse_json(text); })
    .and_then([&](const language::value& schema) -> expected<std::string> {
      if (!schema.is_dict())
        return missing(path, "holds no JSON object");
      return language::to_json(schema);
    });
}

} // namespace sluice
