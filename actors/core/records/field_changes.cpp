#include "actors/core/records/field_changes.hpp"

#include "messages/text/json_scan.hpp"
#include "messages/text/json_text.hpp"

#include <cstdint>

namespace sluice {

namespace {

using path_view = const std::vector<std::string>&;

/// Copies a container's text while some of its members are dropped or replaced. A kept member brings along the text
/// between it and the member before it (comma and blanks), the first one only its own text.
class member_copy {
public:
  member_copy(std::string& out, const char* container) : out_(out), inside_(container + 1), last_end_(inside_) {
    out_.push_back(*container);
  }

  /// Copies up to `value`, so that the caller can append a value of its own.
  void keep_until(const char* member, const char* value) {
    out_.append(first_ && last_end_ != inside_ ? member : last_end_, value);
    first_ = false;
  }
  void passed(const char* end) { last_end_ = end; }
  bool empty() const noexcept { return first_; }
  void finish(const char* container_end) { out_.append(last_end_, container_end); }

private:
  std::string& out_;
  const char* inside_;
  const char* last_end_;
  bool first_ = true;
};

/// `p` is at a value; appends it without the path and returns the position behind it.
const char* copy_without(std::string& out, const char* p, const char* end, path_view path, std::size_t depth) {
  const auto& segment = path[depth];
  bool any = segment == "*";
  bool last = depth + 1 == path.size();
  member_copy copy{out, p};
  auto member = [&](bool matches, const char* start, const char* value) {
    const char* behind = nullptr;
    if (matches && last) {
      behind = json::skip_value(value, end);
    } else {
      copy.keep_until(start, value);
      if (matches && value < end && (*value == '{' || *value == '[')) {
        behind = copy_without(out, value, end, path, depth + 1);
      } else {
        behind = json::skip_value(value, end);
        out.append(value, behind);
      }
    }
    copy.passed(behind);
    return behind;
  };
  const char* behind = nullptr;
  if (*p == '{') {
    behind = json::each_field(p, end, [&](std::string_view key, const char* value) {
      return member(any || json::key_equals(key, segment), key.data() - 1, value);
    });
  } else {
    std::int64_t position = 0;
    auto wanted = json::list_position(segment);
    behind = json::each_element(p, end,
                                [&](const char* value) { return member(any || position++ == wanted, value, value); });
  }
  copy.finish(behind);
  return behind;
}

void append_nulls(std::string& out, std::int64_t count) {
  for (; count > 0; --count) {
    out += "null,";
  }
}

/// The value in the objects, and for numbers lists, that `path` needs from `depth` on.
void append_nested(std::string& out, path_view path, std::size_t depth, std::string_view value) {
  if (depth == path.size()) {
    out += value;
    return;
  }
  auto position = json::list_position(path[depth]);
  bool is_list = position >= 0;
  out.push_back(is_list ? '[' : '{');
  append_nulls(out, position);
  if (!is_list) {
    append_json_string(out, path[depth]);
    out.push_back(':');
  }
  append_nested(out, path, depth + 1, value);
  out.push_back(is_list ? ']' : '}');
}

const char* copy_with(std::string& out, const char* p, const char* end, path_view path, std::size_t depth,
                      std::string_view value, std::string& problem) {
  if (depth == path.size()) {
    out += value;
    return json::skip_value(p, end);
  }
  const auto& segment = path[depth];
  auto whole = json::view(p, json::skip_value(p, end));
  auto wanted = *p == '[' ? json::list_position(segment) : -1;
  if (*p != '{' && wanted < 0) {
    problem = "the value above `" + segment + "` is " + std::string{json::kind_of(whole)} + ", not an object";
    return end;
  }
  member_copy copy{out, p};
  bool found = false;
  auto member = [&](bool matches, const char* start, const char* at) -> const char* {
    copy.keep_until(start, at);
    const char* behind = nullptr;
    if (matches) {
      found = true;
      behind = copy_with(out, at, end, path, depth + 1, value, problem);
    } else {
      behind = json::skip_value(at, end);
      out.append(at, behind);
    }
    copy.passed(behind);
    return problem.empty() ? behind : nullptr;
  };
  std::int64_t position = 0;
  auto behind = *p == '{'
                  ? json::each_field(p, end,
                                     [&](std::string_view key, const char* at) {
                                       return member(json::key_equals(key, segment), key.data() - 1, at);
                                     })
                  : json::each_element(p, end, [&](const char* at) { return member(position++ == wanted, at, at); });
  if (!problem.empty()) {
    return end;
  }
  if (!found) {
    out += copy.empty() ? "" : ",";
    if (*p == '[') { // made as long as it has to be
      append_nulls(out, wanted - position);
    } else {
      append_json_string(out, segment);
      out.push_back(':');
    }
    append_nested(out, path, depth + 1, value);
  }
  copy.finish(behind);
  return behind;
}

} // namespace

void append_without(std::string& out, std::string_view text, const std::vector<std::string>& path) {
  if (path.empty() || text.empty() || (text.front() != '{' && text.front() != '[')) {
    out += text;
    return;
  }
  copy_without(out, text.data(), text.data() + text.size(), path, 0);
}

std::string append_with(std::string& out, std::string_view text, const std::vector<std::string>& path,
                        std::string_view value) {
  std::string problem;
  if (text.empty()) {
    text = "{}";
  }
  copy_with(out, text.data(), text.data() + text.size(), path, 0, value, problem);
  return problem;
}

} // namespace sluice
