#include "config/manifest/manifest.hpp"

#include "config/embedded_files.hpp"
#include "config/manifest/components/support.hpp"
#include "config/manifest/components/table.hpp"
#include "config/manifest/read/references.hpp"
#include "config/manifest/read/yaml_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace sluice {

namespace {

using language::value;

tl::unexpected<error> unusable(std::string_view origin, const std::string& what) {
  return fail(errc::bad_manifest, failure_type::config_error,
              "The manifest " + std::string{origin} + " cannot be used: " + what
                + ". Nothing was read from the source.");
}

std::string text_of(const value& component, std::string_view field) {
  const auto* x = component.find(field);
  return x != nullptr && x->as_string() != nullptr ? *x->as_string() : std::string{};
}

stream_definition define_stream(const value& component, std::size_t index) {
  stream_definition result;
  result.name = text_of(component, "name");
  result.path = "streams[" + std::to_string(index) + "]";
  result.component = component;
  const auto* schema = component.find("schema_loader")->find("schema");
  result.json_schema = schema != nullptr ? language::to_json(*schema) : "{}";
  result.primary_key = compiling::primary_key_of(component.find("primary_key"));
  const auto* retriever = component.find("retriever");
  result.has_parent = retriever != nullptr && retriever->find("partition_router") != nullptr;
  result.supports_incremental = component.find("incremental_sync") != nullptr;
  return result;
}

/// `dict` with the member of that name replaced by what `change` makes of it, if there is one.
template <class Function>
value with_changed(const value& dict, std::string_view name, Function change) {
  auto members = *dict.as_dict();
  for (auto& [key, member] : members)
    if (key == name)
      member = change(member);
  return value{std::move(members)};
}

/// An AuthFlow as the reference prints it: scopes are joined by blanks unless it says otherwise.
value with_default_joint(const value& auth) {
  static constexpr std::string_view joint = "scopes_join_strategy";
  return with_changed(auth, "oauth_config_specification", [](const value& specification) {
    return with_changed(specification, "oauth_connector_input_specification", [](const value& input) {
      auto members = *input.as_dict();
      if (input.find(joint) == nullptr)
        members.emplace_back(std::string{joint}, value{"space"});
      return value{std::move(members)};
    });
  });
}

expected<manifest_ptr> load_document(yaml_document document, std::string_view origin) {
  auto resolved = resolve_references(document, document.lines, origin);
  if (!resolved)
    return tl::unexpected<error>(std::move(resolved.error()));
  auto checked = check_components(*resolved, document.lines, origin);
  if (!checked)
    return tl::unexpected<error>(std::move(checked.error()));

  auto result = std::make_shared<manifest>();
  result->origin = origin;
  result->root = std::move(checked->root);
  result->warnings = std::move(checked->warnings);
  if (const auto* spec = result->root.find("spec")) {
    result->connection_specification = language::to_json(*spec->find("connection_specification"));
    result->documentation_url = text_of(*spec, "documentation_url");
    if (const auto* auth = spec->find("advanced_auth"))
      result->advanced_auth = language::to_json(with_default_joint(*auth));
  } else {
    result->connection_specification = R"({"type":"object","properties":{},"additionalProperties":true})";
    result->warnings.emplace_back("it has no spec: every configuration is accepted");
  }
  const auto& streams = *result->root.find("streams")->as_list();
  for (std::size_t i = 0; i < streams.size(); ++i) {
    auto stream = define_stream(streams[i], i);
    if (const auto* other = result->find_stream(stream.name))
      return unusable(origin,
                      "at " + stream.path + ": the name '" + stream.name + "' is already taken by " + other->path);
    result->streams.push_back(std::move(stream));
  }
  const auto& names = *result->root.find("check")->find("stream_names")->as_list();
  for (const auto& name : names) {
    if (result->find_stream(*name.as_string()) == nullptr)
      return unusable(origin, "at check.stream_names: there is no stream '" + *name.as_string() + "'");
    result->check_streams.push_back(*name.as_string());
  }
  return manifest_ptr{std::move(result)};
}

} // namespace

const stream_definition* manifest::find_stream(std::string_view name) const noexcept {
  auto i = std::find_if(streams.begin(), streams.end(), [name](const auto& x) { return x.name == name; });
  return i == streams.end() ? nullptr : &*i;
}

expected<manifest_ptr> load_manifest(std::string_view yaml, std::string_view origin) {
  if (yaml.size() > max_manifest_bytes)
    return unusable(origin, "it is larger than " + std::to_string(max_manifest_bytes >> 20) + " MiB");
  auto document = read_yaml(yaml, origin);
  if (!document)
    return tl::unexpected<error>(std::move(document.error()));
  return load_document(std::move(*document), origin);
}

expected<manifest_ptr> load_manifest_file(const std::string& path) {
  auto unreadable = [&path](const std::string& why) {
    return fail(errc::unreadable_file, failure_type::config_error,
                "The manifest " + path + " cannot be read: " + why + ". Nothing was read from the source.");
  };
  errno = 0;
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return unreadable(errno != 0 ? std::strerror(errno) : "it cannot be opened");
  std::string text;
  std::string block(std::size_t{64} << 10, '\0');
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    text.append(block, 0, static_cast<std::size_t>(in.gcount()));
    if (text.size() > max_manifest_bytes)
      return unreadable("it is larger than " + std::to_string(max_manifest_bytes >> 20) + " MiB");
  }
  if (in.bad() || (text.empty() && errno == EISDIR))
    return unreadable(errno != 0 ? std::strerror(errno) : "reading it failed");
  return load_manifest(text, path);
}

expected<manifest_ptr> load_built_in_manifest() {
  constexpr std::string_view origin = "the built-in SurveyMonkey connector";
  auto root = language::parse_json(embedded_surveymonkey_json());
  if (!root)
    return unusable(origin, root.error().message);
  return load_document({std::move(*root), {}}, origin);
}

} // namespace sluice
