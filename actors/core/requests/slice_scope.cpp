#include "actors/core/requests/slice_scope.hpp"

#include <limits>
#include <utility>

namespace sluice {

namespace {

/// The object that a slice holds as JSON text; one without members if it holds none.
language::value_dict object_of(const std::string& json) {
  if (json.empty()) {
    return {};
  }
  const auto parsed = language::parse_json(json);
  const auto* object = parsed ? parsed->as_dict() : nullptr;
  return object != nullptr ? *object : language::value_dict{};
}

language::value slice_value(const plan& p, const slice& s) {
  auto result = object_of(s.partition);
  if (s.has_window) {
    static const datetime_cursor usual;
    const auto& cursor
      = s.endpoint < p.endpoints.size() && p.endpoints[s.endpoint].cursor ? *p.endpoints[s.endpoint].cursor : usual;
    if (cursor.counts) {
      result.emplace_back(cursor.start_name, s.lower_us);
      result.emplace_back(cursor.end_name, std::numeric_limits<double>::infinity());
    } else {
      result.emplace_back(cursor.start_name, s.lower_text);
      result.emplace_back(cursor.end_name, s.upper_text);
    }
  }
  if (!s.extra_fields.empty()) {
    result.emplace_back("extra_fields", language::value{object_of(s.extra_fields)});
  }
  return language::value{std::move(result)};
}

} // namespace

/// Few templates read the slice, and most of those only one of its names.
language::scope slice_scope(const plan& p, const slice& s) {
  language::scope result;
  result.set("config", p.config);
  for (const auto* name : {"stream_slice", "stream_partition", "stream_interval"}) {
    result.set_lazy(name, [&p, &s] { return slice_value(p, s); });
  }
  return result;
}

language::value token_value(const std::string& token) {
  auto meaning = text_template::literal(token).evaluate({});
  const bool same = meaning && meaning->as_string() == nullptr && language::to_text(*meaning) == token;
  return same ? std::move(*meaning) : language::value{token};
}

const language::scope& request_scope::all() {
  if (!made_) {
    made_ = slice_scope(plan_, slice_);
    if (config_ != nullptr) {
      made_->set("config", *config_);
    }
    made_->set_lazy("next_page_token", [this] {
      return token_.empty() ? language::value{}
                            : language::value{language::value_dict{{"next_page_token", token_value(token_)}}};
    });
  }
  return *made_;
}

} // namespace sluice
