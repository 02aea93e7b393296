#include "config/manifest/read/yaml_reader.hpp"

#include "config/manifest/read/dict_builder.hpp"

#include <simdjson.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <istream>
#include <streambuf>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

const void* identity(const value& x) noexcept {
  if (const auto* dict = x.as_dict())
    return dict;
  return x.as_list();
}

/// Reads from text that somebody else keeps.
class view_buffer : public std::streambuf {
public:
  explicit view_buffer(std::string_view text) {
    auto* begin = const_cast<char*>(text.data()); // the get area is only read
    setg(begin, begin, begin + text.size());
  }
};

/// Thrown out of the event handler to stop the parser; never leaves `read_yaml`.
struct refusal {
  int line;
  std::string message;
};

/// Builds values from yaml-cpp's events. yaml-cpp's own node tree loses the difference between `"1"` and `1`.
class builder : public YAML::EventHandler {
public:
  explicit builder(line_table& lines) : lines_{lines} {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(value{}, mark, anchor); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (anchor >= anchors_.size() || !anchors_[anchor].known)
      throw refusal{mark.line + 1, "an alias refers to a node that contains it; circular structures are not supported"};
    add(anchors_[anchor].node, mark, 0, anchors_[anchor].nodes);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    add(scalar(tag, text, mark), mark, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(tag, "tag:yaml.org,2002:seq", mark);
    open(false, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(tag, "tag:yaml.org,2002:map", mark);
    open(true, mark, anchor);
  }
  void OnMapEnd() override { close(); }

  value root;

private:
  struct level {
    bool is_map = false;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    dict_builder dict;
    value_list list;
    std::vector<std::pair<value, int>> merges;
    std::string key;
    bool has_key = false;
    bool key_is_merge = false;
    /// Nodes in this subtree with aliases written out.
    std::size_t nodes = 1;
  };
  struct anchored {
    bool known = false;
    value node;
    std::size_t nodes = 0;
  };

  static void check_tag(const std::string& tag, std::string_view usual, const YAML::Mark& mark) {
    if (!tag.empty() && tag != "?" && tag != "!" && tag != usual)
      throw refusal{mark.line + 1, "the YAML tag " + tag + " is not supported"};
  }

  static value scalar(const std::string& tag, const std::string& text, const YAML::Mark& mark) {
    static constexpr std::string_view core = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "?")
      return resolve_plain_scalar(text);
    if (tag == "!" || tag == "tag:yaml.org,2002:str")
      return value{text};
    if (tag.compare(0, core.size(), core) == 0) {
      auto name = std::string_view{tag}.substr(core.size());
      value x = resolve_plain_scalar(text);
      bool fits = (name == "int" && (x.as_int() != nullptr || x.as_big() != nullptr))
                  || (name == "bool" && x.as_bool() != nullptr) || (name == "null" && x.is_none())
                  || (name == "float" && x.as_double() != nullptr);
      if (auto number = x.number(); name == "float" && number)
        return value{*number};
      if (fits)
        return x;
    }
    throw refusal{mark.line + 1, "the YAML tag " + tag + " is not supported here"};
  }

  void open(bool is_map, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (stack_.size() >= max_manifest_depth)
      throw refusal{mark.line + 1, "nested deeper than " + std::to_string(max_manifest_depth) + " levels"};
    level x;
    x.is_map = is_map;
    x.mark = mark;
    x.anchor = anchor;
    stack_.push_back(std::move(x));
  }

  void close() {
    level top = std::move(stack_.back());
    stack_.pop_back();
    value x = top.is_map ? value{merged(top)} : value{std::move(top.list)};
    lines_.set(x, top.mark.line + 1);
    add(std::move(x), top.mark, top.anchor, top.nodes);
  }

  /// What the level holds, taken from it. Merge keys (`<<`): the map's own keys win, then the first merged map.
  static value_dict merged(level& top) {
    if (top.merges.empty())
      return top.dict.take();
    dict_builder result;
    for (auto i = top.merges.rbegin(); i != top.merges.rend(); ++i) {
      const auto* dict = i->first.as_dict();
      if (dict == nullptr)
        throw refusal{i->second, "a merge key (<<) needs a map or a list of maps"};
      for (const auto& [key, x] : *dict)
        result.put(key, x);
      check_size(result, top.mark);
    }
    for (auto& [key, x] : top.dict.take())
      result.put(key, std::move(x));
    check_size(result, top.mark);
    return result.take();
  }

  void add(value x, const YAML::Mark& mark, YAML::anchor_t anchor) {
    const auto nodes = nodes_of(x);
    add(std::move(x), mark, anchor, nodes);
  }

  void add(value x, const YAML::Mark& mark, YAML::anchor_t anchor, std::size_t nodes) {
    if (anchor != 0) {
      if (anchors_.size() <= anchor)
        anchors_.resize(anchor + 1);
      anchors_[anchor] = anchored{true, x, nodes};
    }
    if (stack_.empty()) {
      root = std::move(x);
      return;
    }
    auto& top = stack_.back();
    top.nodes += nodes;
    if (top.nodes > max_manifest_nodes)
      throw refusal{mark.line + 1,
                    "more than " + std::to_string(max_manifest_nodes) + " nodes with its aliases written out"};
    if (!top.is_map) {
      top.list.push_back(std::move(x));
    } else if (!top.has_key) {
      if (x.as_dict() != nullptr || x.as_list() != nullptr)
        throw refusal{mark.line + 1, "a key of a map must be a scalar"};
      top.key = x.as_string() != nullptr ? *x.as_string() : language::to_text(x);
      top.key_is_merge = top.key == "<<";
      top.has_key = true;
    } else {
      top.has_key = false;
      if (!top.key_is_merge) {
        put_into(top, std::move(x));
      } else if (const auto* list = x.as_list()) {
        for (const auto& element : *list)
          top.merges.emplace_back(element, mark.line + 1);
      } else {
        top.merges.emplace_back(std::move(x), mark.line + 1);
      }
    }
  }

  void put_into(level& top, value x) {
    top.dict.put(top.key, std::move(x));
    check_size(top.dict, top.mark);
  }

  static void check_size(const dict_builder& dict, const YAML::Mark& mark) {
    constexpr std::size_t max_keys = 5000; // thousands are legal (schemas)
    if (dict.size() > max_keys)
      throw refusal{mark.line + 1, "a map with more than " + std::to_string(max_keys) + " keys"};
  }

  line_table& lines_;
  std::vector<level> stack_;
  std::vector<anchored> anchors_;
};

tl::unexpected<error> bad_yaml(std::string_view origin, int line, const std::string& what) {
  std::string where{origin};
  if (line > 0)
    where += " line " + std::to_string(line);
  return fail(errc::bad_manifest, failure_type::config_error,
              "The manifest " + where + " cannot be read: " + what + ". Nothing was read from the source.");
}

} // namespace

void line_table::set(const value& x, int line) {
  if (const void* key = identity(x))
    lines_[key] = line;
}

int line_table::find(const value& x) const noexcept {
  auto i = lines_.find(identity(x));
  return i == lines_.end() ? 0 : i->second;
}

expected<yaml_document> read_yaml(std::string_view text, std::string_view origin) {
  if (!simdjson::validate_utf8(text.data(), text.size()))
    return bad_yaml(origin, 0, "it is not UTF-8 text");
  // yaml-cpp takes 0x04 for the end of the file: the rest would be lost without a word.
  auto control = std::find_if(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
  });
  if (control != text.end())
    return bad_yaml(origin, 1 + static_cast<int>(std::count(text.begin(), control, '\n')), "a control character");
  yaml_document result;
  view_buffer buffer{text};
  std::istream in{&buffer};
  builder handler{result.lines};
  try {
    YAML::Parser parser{in};
    if (!parser.HandleNextDocument(handler) || handler.root.is_none())
      return bad_yaml(origin, 0, "it is empty");
    builder second{result.lines};
    if (parser.HandleNextDocument(second))
      return bad_yaml(origin, 0, "it holds more than one YAML document");
  } catch (const refusal& x) {
    return bad_yaml(origin, x.line, x.message);
  } catch (const YAML::Exception& x) {
    return bad_yaml(origin, x.mark.is_null() ? 0 : x.mark.line + 1, "not valid YAML: " + x.msg);
  } catch (const std::exception& x) {
    return bad_yaml(origin, 0, std::string{"not valid YAML: "} + x.what());
  }
  result.root = std::move(handler.root);
  return result;
}

} // namespace sluice
