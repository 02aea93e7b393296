#include "app/simulator/faults.hpp"

#include "app/simulator/random.hpp"

#include <array>

namespace sluice::simulator {

namespace {

/// What follows the name of a fault.
enum class argument : std::uint8_t { none, optional_code, status_code, duration, rate, size, url };

struct fault_form {
  std::string_view name;
  argument takes = argument::none;
};

/// In the order of `fault_kind`.
constexpr std::array forms = {
  fault_form{"status", argument::status_code},
  fault_form{"drop"},
  fault_form{"reset"},
  fault_form{"reset_head"},
  fault_form{"reset_body"},
  fault_form{"reset_chunk"},
  fault_form{"truncate"},
  fault_form{"cut_chunked"},
  fault_form{"no_last_chunk"},
  fault_form{"cut_close"},
  fault_form{"cut_gzip"},
  fault_form{"bad_gzip"},
  fault_form{"long_length"},
  fault_form{"short_length"},
  fault_form{"extra_answer"},
  fault_form{"bad_length"},
  fault_form{"two_lengths"},
  fault_form{"length_and_chunked"},
  fault_form{"bad_chunk"},
  fault_form{"bad_head"},
  fault_form{"huge_header", argument::size},
  fault_form{"garbage"},
  fault_form{"html"},
  fault_form{"empty"},
  fault_form{"error_body", argument::optional_code},
  fault_form{"huge", argument::size},
  fault_form{"gzip_bomb", argument::size},
  fault_form{"redirect", argument::url},
  fault_form{"no_data"},
  fault_form{"foreign_link", argument::url},
  fault_form{"self_link"},
  fault_form{"duplicate_page"},
  fault_form{"short_page"},
  fault_form{"stall", argument::duration},
  fault_form{"stall_head", argument::duration},
  fault_form{"stall_body", argument::duration},
  fault_form{"drip", argument::rate},
};
static_assert(forms.size() == fault_kind_count);

expected<void> read_argument(fault_rule& rule, const fault_form& form, const rule_word& w, const rule_text& text) {
  auto name = std::string{form.name};
  if (form.takes == argument::none) {
    if (w.has_value)
      return text.bad("gives a value to `" + name + "`, which takes none.");
    return {};
  }
  if (form.takes == argument::optional_code && !w.has_value) {
    rule.code = 1050;
    return {};
  }
  switch (form.takes) {
    case argument::status_code:
    case argument::optional_code: {
      bool is_status = form.takes == argument::status_code;
      auto code = parse_number<int>(w.value);
      if (!code || *code < (is_status ? 200 : 1) || *code > (is_status ? 599 : 99'999))
        return text.bad(is_status ? "needs an HTTP status from 200 to 599, e.g. `status=503`."
                                  : "needs an error number of the API, e.g. `error_body=1010`.");
      rule.code = *code;
      return {};
    }
    case argument::duration: {
      auto duration = parse_duration(w.value);
      if (!duration)
        return text.bad("needs a time with a unit (us, ms, s, m; at most a day), e.g. `" + name + "=5s`.");
      rule.duration = *duration;
      return {};
    }
    case argument::rate: {
      auto rate = parse_number<std::uint64_t>(w.value);
      if (!rate || *rate == 0)
        return text.bad("needs a number of bytes a second, e.g. `drip=1000`.");
      rule.rate = *rate;
      return {};
    }
    case argument::size: {
      auto size = parse_size(w.value);
      if (!size || *size == 0)
        return text.bad("needs a number of bytes (units KiB, MiB, GiB), e.g. `" + name + "=1GiB`.");
      rule.bytes = *size;
      return {};
    }
    case argument::url:
      if (w.value.find("://") == std::string::npos || w.value.find_first_of("\r\n") != std::string::npos)
        return text.bad("needs an absolute URL, e.g. `" + name + "=http://other.example`.");
      rule.text = w.value;
      return {};
    case argument::none:
      break;
  }
  return {};
}

} // namespace

std::string fault_names() {
  std::string result;
  for (const auto& form : forms) {
    result += result.empty() ? "" : ", ";
    result += form.name;
    switch (form.takes) {
      case argument::none:
        break;
      case argument::status_code:
        result += "=CODE";
        break;
      case argument::optional_code:
        result += "[=ID]";
        break;
      case argument::duration:
        result += "=TIME";
        break;
      case argument::rate:
        result += "=BYTES_PER_SECOND";
        break;
      case argument::size:
        result += "=SIZE";
        break;
      case argument::url:
        result += "=URL";
        break;
    }
  }
  return result;
}

expected<fault_rule> parse_fault(std::string_view text) {
  rule_text source{"fault rule", text};
  auto words = split_rule(source);
  if (!words)
    return tl::unexpected<error>(words.error());
  fault_rule rule;
  std::string_view fault;
  std::string status_only;
  for (const auto& w : *words) {
    std::size_t kind = 0;
    while (kind < forms.size() && forms[kind].name != w.name)
      ++kind;
    if (kind < forms.size()) {
      if (!fault.empty())
        return source.bad("has two faults, `" + std::string{fault} + "` and `" + w.name
                          + "`; write one rule for each.");
      fault = forms[kind].name;
      rule.kind = static_cast<fault_kind>(kind);
      if (auto read = read_argument(rule, forms[kind], w, source); !read)
        return tl::unexpected<error>(read.error());
      continue;
    }
    if (w.name == "body" || w.name == "retry_after") {
      if (!w.has_value)
        return source.bad("needs a value for `" + w.name + "`, as in `" + w.name + "=...`.");
      if (w.name == "retry_after" && w.value.find_first_of("\r\n") != std::string::npos)
        return source.bad("has a line break in `retry_after`.");
      (w.name == "body" ? rule.text : rule.retry_after) = w.value;
      status_only = w.name;
      continue;
    }
    auto known = read_choice(rule, w, source);
    if (!known)
      return tl::unexpected<error>(known.error());
    if (!*known)
      return source.bad("has the unknown word `" + w.name + "`. Faults: " + fault_names()
                        + ". Which requests: path=, regex=, nth=, after=, every=, probability=, times=, per_path.");
  }
  if (fault.empty())
    return source.bad("names no fault. There are: " + fault_names() + ".");
  if (!status_only.empty() && rule.kind != fault_kind::status)
    return source.bad("has `" + status_only + "`, which belongs to `status` only.");
  if (auto good = check_choice(rule, *words, source); !good)
    return tl::unexpected<error>(good.error());
  return rule;
}

expected<fault_plan> fault_plan::make(std::vector<fault_rule> rules, std::uint64_t seed) {
  fault_plan result;
  for (auto& rule : rules) {
    auto trigger = request_trigger::make(rule, mix({seed, result.entries_.size()}));
    if (!trigger)
      return tl::unexpected<error>(trigger.error());
    result.entries_.emplace_back(std::move(rule), std::move(*trigger));
  }
  return result;
}

std::optional<fault_rule> fault_plan::next(std::string_view target) {
  std::optional<fault_rule> result;
  for (auto& [rule, trigger] : entries_)
    if (trigger.next(target, !result))
      result = rule;
  return result;
}

} // namespace sluice::simulator
