#include "config/tuning_file.hpp"

#include "messages/text/json_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <exception>
#include <istream>
#include <streambuf>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace sluice::detail {

namespace {

std::string line_of(const YAML::Mark& mark) {
  return "line " + std::to_string(mark.line + 1);
}

/// What makes the file unusable; thrown through the parser, caught below.
struct fault {
  std::string text;
};

[[noreturn]] void refuse(const YAML::Mark& mark, std::string_view what) {
  throw fault{line_of(mark) + ": " + std::string{what}};
}

/// Takes the parser's events as they come: no tree is built, so nothing (deep nesting, aliases of aliases) can blow up.
class settings_reader : public YAML::EventHandler {
public:
  std::vector<setting> settings;

  void OnDocumentStart(const YAML::Mark&) override {
    // nop
  }
  void OnDocumentEnd() override {
    // nop
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (depth_ > 0)
      take(mark, "", false);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark, "aliases (*name) are not supported"); }

  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string& text) override {
    if (depth_ == 0)
      refuse(mark, "expected a map of settings like `fetchers: {pool_size: 10}`, found a single value");
    take(mark, text, true);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    refuse(mark, depth_ == 0 ? "expected a map of settings like `fetchers: {pool_size: 10}`, found a list"
                             : "a list is no value of any setting");
  }

  void OnSequenceEnd() override {
    // nop
  }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    if (depth_ > 0 && !has_key_)
      refuse(mark, "a map cannot be a key");
    if (depth_ == 2)
      refuse(mark, "settings are nested at most two levels deep: section and key");
    if (depth_ == 1)
      section_ = key_;
    has_key_ = false;
    ++depth_;
  }

  void OnMapEnd() override {
    --depth_;
    section_.clear();
    has_key_ = false;
  }

private:
  void take(const YAML::Mark& mark, const std::string& text, bool has_value) {
    if (!has_key_) {
      if (!has_value)
        refuse(mark, "a key is missing");
      key_ = text;
      has_key_ = true;
      return;
    }
    has_key_ = false;
    settings.push_back({section_.empty() ? key_ : section_ + '.' + key_, text, has_value, line_of(mark)});
  }

  int depth_ = 0;
  std::string section_;
  std::string key_;
  bool has_key_ = false;
};

/// Reads from memory without a copy.
class view_buffer : public std::streambuf {
public:
  explicit view_buffer(std::string_view text) {
    auto begin = const_cast<char*>(text.data()); // never written to
    setg(begin, begin, begin + text.size());
  }
};

tl::unexpected<error> invalid(std::string what) {
  return fail(errc::bad_tuning, failure_type::config_error, std::move(what));
}

const setting* find_repetition(const std::vector<setting>& settings, const setting*& first) {
  std::vector<const setting*> sorted;
  for (const auto& s : settings)
    if (s.has_value)
      sorted.push_back(&s);
  std::stable_sort(sorted.begin(), sorted.end(), [](auto a, auto b) { return a->key < b->key; });
  auto same = std::adjacent_find(sorted.begin(), sorted.end(), [](auto a, auto b) { return a->key == b->key; });
  if (same == sorted.end())
    return nullptr;
  first = *same;
  return *(same + 1);
}

} // namespace

expected<std::vector<setting>> read_settings(std::string_view yaml) {
  settings_reader reader;
  try {
    view_buffer buffer{yaml};
    std::istream in{&buffer};
    YAML::Parser parser{in};
    auto documents = 0;
    while (parser.HandleNextDocument(reader))
      if (++documents > 1)
        return invalid("it holds more than one document; only one is read");
  } catch (const fault& f) {
    return invalid(f.text);
  } catch (const YAML::Exception& e) {
    return invalid(line_of(e.mark) + ": " + e.msg);
  } catch (const std::exception& e) {
    return fail(errc::bad_tuning, failure_type::config_error, "it is not valid YAML", e.what());
  }
  const setting* first = nullptr;
  if (auto second = find_repetition(reader.settings, first))
    return invalid(second->place + ": " + json_string(utf8_prefix(second->key, 100)) + " is given already at "
                   + first->place);
  return std::move(reader.settings);
}

} // namespace sluice::detail
