#include "config/catalogue.hpp"

#include "config/files.hpp"
#include "config/json_check.hpp"
#include "config/language/value.hpp"
#include "messages/text/json_text.hpp"

#include <map>
#include <utility>

namespace sluice {

namespace {

using language::value;

tl::unexpected<error> invalid_catalogue(const std::string& what) {
  return fail(errc::bad_catalog, failure_type::config_error,
              "The configured catalogue is not valid: " + what + ". Nothing was read.");
}

/// What a wrong value is, short enough for a message.
std::string found(const value* x) {
  if (!x)
    return "nothing";
  if (x->as_list())
    return "a list";
  if (x->as_dict())
    return "an object";
  auto text = language::to_json(*x);
  return text.size() <= 80 ? text : "a text of " + std::to_string(text.size()) + " bytes";
}

expected<configured_stream> read_stream(const value& x, const std::string& path) {
  if (!x.as_dict())
    return invalid_catalogue(path + ": expected an object, found " + found(&x));
  auto stream = x.find("stream");
  if (!stream || !stream->as_dict())
    return invalid_catalogue(path + ".stream: expected an object, found " + found(stream));
  configured_stream result;
  auto name = stream->find("name");
  if (!name || !name->as_string() || name->as_string()->empty())
    return invalid_catalogue(path + ".stream.name: expected the name of a stream, found " + found(name));
  result.name = *name->as_string();
  if (auto space = stream->find("namespace"); space && !space->is_none()) {
    if (!space->as_string())
      return invalid_catalogue(path + ".stream.namespace: expected a string or null, found " + found(space));
    result.name_space = *space->as_string();
  }
  auto mode = x.find("sync_mode");
  auto text = mode ? mode->as_string() : nullptr;
  if (!text || (*text != "full_refresh" && *text != "incremental"))
    return invalid_catalogue(path + R"(.sync_mode: expected "full_refresh" or "incremental", found )" + found(mode));
  result.incremental = *text == "incremental";
  return result;
}

} // namespace

expected<std::vector<configured_stream>> parse_catalogue(std::string_view text) {
  if (auto fault = find_json_fault(text))
    return invalid_catalogue("it is not valid JSON: " + *fault);
  auto root = language::parse_json(text);
  if (!root)
    return invalid_catalogue("it cannot be read: " + root.error().message);
  if (!root->as_dict())
    return invalid_catalogue(R"(expected an object with a list at "streams", found )" + found(&*root));
  if (root->find("type") && root->find("catalog"))
    return invalid_catalogue(
      "it is a CATALOG message, as discover prints it. Each stream has to be configured: "
      R"({"streams": [{"stream": {"name": ...}, "sync_mode": "full_refresh", "destination_sync_mode": "append"}]})");
  auto streams = root->find("streams");
  if (!streams || !streams->as_list())
    return invalid_catalogue("streams: expected a list, found " + found(streams));
  std::vector<configured_stream> result;
  std::map<std::pair<std::string, std::string>, std::size_t> seen;
  for (const auto& x : *streams->as_list()) {
    auto path = "streams[" + std::to_string(result.size()) + "]";
    auto stream = read_stream(x, path);
    if (!stream)
      return tl::unexpected<error>(stream.error());
    auto [first, is_new] = seen.try_emplace({stream->name, stream->name_space}, result.size());
    if (!is_new)
      return invalid_catalogue(path + ": the stream " + json_string(stream->name) + " is already at streams["
                               + std::to_string(first->second) + "]; name each stream once");
    result.push_back(std::move(*stream));
  }
  return result;
}

expected<std::vector<configured_stream>> load_catalogue(const std::string& path) {
  auto text = read_text_file(path, "catalogue file", max_catalog_bytes);
  if (!text)
    return tl::unexpected<error>(text.error());
  auto result = parse_catalogue(*text);
  if (!result)
    result.error().message = "Catalogue file \"" + path + "\": " + result.error().message;
  return result;
}

} // namespace sluice
