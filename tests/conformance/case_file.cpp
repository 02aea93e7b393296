#include "tests/conformance/case_file.hpp"

#include "config/manifest/read/yaml_reader.hpp"
#include "messages/text/ascii.hpp"
#include "tests/support/places.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace sluice::test {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

std::string folder() {
  return source_directory() + "/tests/conformance/";
}

std::string content(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    throw std::runtime_error{"there is no " + path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string text_of(const value* x) {
  return x == nullptr || x->as_string() == nullptr ? std::string{} : *x->as_string();
}

bool is_true(const value* x) {
  return x != nullptr && language::truthy(*x);
}

value_dict members(const value* x) {
  return x == nullptr || x->as_dict() == nullptr ? value_dict{} : *x->as_dict();
}

/// `own`, and of `usual` what it does not say itself.
value_dict with_usual(const value& own, const value_dict& usual) {
  auto result = members(&own);
  for (const auto& [name, x] : usual)
    if (own.find(name) == nullptr)
      result.emplace_back(name, x);
  return result;
}

value dict_with(value_dict dict, const std::string& name, value x) {
  for (auto& [key, old] : dict)
    if (key == name)
      old = std::move(x);
  return value{std::move(dict)};
}

/// What every manifest needs and no case wants to say. record.py does the same.
value whole_manifest(const value& manifest) {
  const value open_schema{value_dict{{"type", "object"}, {"properties", value_dict{}}}};
  const value_dict usual_stream{{"type", "DeclarativeStream"},
                                {"schema_loader", value_dict{{"type", "InlineSchemaLoader"}, {"schema", open_schema}}}};
  const auto* streams = manifest.find("streams");
  if (streams == nullptr || streams->as_list() == nullptr || streams->as_list()->empty())
    throw std::runtime_error{"its manifest has no streams"};
  value_list whole;
  for (const auto& stream : *streams->as_list())
    whole.push_back(stream.find("$ref") != nullptr ? stream : value{with_usual(stream, usual_stream)});
  const value_list checked{value{text_of(whole.front().find("name"))}};
  auto result
    = with_usual(manifest, {{"type", "DeclarativeSource"},
                            {"version", "7.0.0"},
                            {"check", value_dict{{"type", "CheckStream"}, {"stream_names", checked}}},
                            {"spec", value_dict{{"type", "Spec"}, {"connection_specification", open_schema}}}});
  return dict_with(std::move(result), "streams", std::move(whole));
}

value catalog_of(const value& root, const value& manifest) {
  const auto& streams = *manifest.find("streams")->as_list();
  auto names = texts_of(root.find("read"));
  if (root.find("read") == nullptr)
    for (const auto& stream : streams)
      names.push_back(text_of(stream.find("name")));
  value_list result;
  for (const auto& name : names) {
    auto stream
      = std::find_if(streams.begin(), streams.end(), [&](const value& x) { return text_of(x.find("name")) == name; });
    bool incremental
      = stream != streams.end()
        && (stream->find("incremental_sync") != nullptr || stream->find("incremental_stream") != nullptr);
    result.emplace_back(
      value_dict{{"stream", value_dict{{"name", name},
                                       {"json_schema", value_dict{}},
                                       {"supported_sync_modes", value_list{"full_refresh", "incremental"}}}},
                 {"sync_mode", incremental ? "incremental" : "full_refresh"},
                 {"destination_sync_mode", "append"}});
  }
  return value{value_dict{{"streams", std::move(result)}}};
}

value state_of(const value& root) {
  value_list result;
  for (const auto& [name, state] : members(root.find("state")))
    result.emplace_back(
      value_dict{{"type", "STREAM"},
                 {"stream", value_dict{{"stream_descriptor", value_dict{{"name", name}}}, {"stream_state", state}}}});
  return value{std::move(result)};
}

/// record.py says what it is.
std::string fingerprint_of(const std::string& text) {
  constexpr std::array unseen{"about", "covers", "differs", "pending", "set", "fails"};
  std::uint64_t found = 0xCBF29CE484222325;
  auto add = [&](unsigned char byte) { found = (found ^ byte) * 0x100000001B3; };
  bool seen = true;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = std::string_view{text}.substr(at, end - at);
    if (!line.empty() && lower_case(line)[0] >= 'a' && lower_case(line)[0] <= 'z')
      seen = std::find(unseen.begin(), unseen.end(), line.substr(0, line.find(':'))) == unseen.end();
    if (seen && !line.empty()) {
      std::for_each(line.begin(), line.end(), add);
      add('\n');
    }
    at = end + 1;
  }
  std::string result;
  for (int shift = 60; shift >= 0; shift -= 4)
    result += "0123456789abcdef"[found >> shift & 15U];
  return result;
}

/// A member that a case cannot have is a slip, and would be passed over in silence.
void check_members(const value& root) {
  constexpr std::array known{"about",   "covers",         "manifest", "config", "read",         "state",
                             "routes",  "fails",          "commands", "set",    "partition_by", "headers",
                             "differs", "count_requests", "pending",  "files"};
  for (const auto& [name, x] : members(&root))
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw std::runtime_error{"a case has no member '" + name + "'"};
  if (texts_of(root.find("covers")).empty() || text_of(root.find("about")).empty())
    throw std::runtime_error{"it does not say what it covers, and what it is about"};
}

} // namespace

std::vector<std::string> texts_of(const value* list) {
  std::vector<std::string> result;
  if (list != nullptr && list->as_list() != nullptr)
    for (const auto& x : *list->as_list())
      result.push_back(language::to_text(x));
  return result;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::vector<std::string> all_cases() {
  std::vector<std::string> result;
  for (const auto& family : std::filesystem::directory_iterator{folder()})
    if (family.is_directory())
      for (const auto& entry : std::filesystem::directory_iterator{family.path()})
        if (entry.path().extension() == ".yaml")
          result.push_back(family.path().filename().string() + "/" + entry.path().stem().string());
  std::sort(result.begin(), result.end());
  return result;
}

conformance_case read_case(const std::string& name, const std::string& address) {
  auto text = content(folder() + name + ".yaml");
  conformance_case result;
  result.fingerprint = fingerprint_of(text);
  replace_all(text, case_host, address);
  auto document = read_yaml(text, name);
  if (!document)
    throw std::runtime_error{document.error().message};
  const auto& root = document->root;
  check_members(root);
  const auto* manifest = root.find("manifest");
  auto whole = whole_manifest(manifest == nullptr ? value{} : *manifest);
  result.name = name;
  result.manifest = language::to_json(whole);
  result.config = root.find("config") == nullptr ? "{}" : language::to_json(*root.find("config"));
  result.catalog = language::to_json(catalog_of(root, whole));
  result.state = language::to_json(state_of(root));
  for (const auto& [path, content] : members(root.find("files")))
    result.files.emplace_back(path, language::to_json(content));
  result.commands = texts_of(root.find("commands"));
  if (result.commands.empty())
    result.commands = {"read"};
  result.settings = texts_of(root.find("set"));
  result.partition_by = texts_of(root.find("partition_by"));
  for (const auto& header : texts_of(root.find("headers")))
    result.headers.push_back(lower_case(header));
  result.count_requests = is_true(root.find("count_requests"));
  if (const auto* routes = root.find("routes"))
    result.routes = *routes;
  if (const auto* differs = root.find("differs"); differs != nullptr && differs->as_list() != nullptr)
    for (const auto& x : *differs->as_list())
      result.differences.push_back(
        {text_of(x.find("what")), text_of(x.find("why")), x.find("here") == nullptr ? value{} : *x.find("here")});
  result.pending = text_of(root.find("pending"));
  return result;
}

value read_recording(const conformance_case& of) {
  const std::string how = "./run conformance --record " + of.name;
  std::filesystem::path path{folder() + of.name + ".json"};
  if (!std::filesystem::exists(path))
    throw std::runtime_error{"it has no recording: " + how};
  auto result = language::parse_json(content(path.string()));
  if (!result)
    throw std::runtime_error{"its recording is no JSON: " + how};
  if (const auto* text = result->find("case"); text == nullptr || text_of(text) != of.fingerprint)
    throw std::runtime_error{"the case has changed since it was recorded: " + how};
  return *result;
}

} // namespace sluice::test
