#include "actors/core/requests/request_body.hpp"

#include "messages/text/url.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

tl::unexpected<error> bad_body(const std::string& what) {
  return fail(errc::bad_manifest, failure_type::system_error, what + " Nothing was requested; correct the manifest.");
}

/// As Python's `json` writes the key of a dict.
std::string key_text(const value& x) {
  return x.as_string() != nullptr ? *x.as_string() : language::to_json(x);
}

expected<value> evaluate(const json_template& t, request_scope& scope);

expected<value> evaluate_part(const value& x, request_scope&) {
  return x;
}

expected<value> evaluate_part(const text_template& t, request_scope& scope) {
  return t.evaluate_given(scope(t));
}

expected<value> evaluate_part(const json_template::list& elements, request_scope& scope) {
  value_list result;
  result.reserve(elements.size());
  for (const auto& element : elements) {
    auto x = evaluate(element, scope);
    if (!x) {
      return x;
    }
    result.push_back(std::move(*x));
  }
  return value{std::move(result)};
}

expected<value> evaluate_part(const json_template::members& members, request_scope& scope) {
  value_dict result;
  result.reserve(members.size());
  for (const auto& [name, member] : members) {
    auto x = evaluate(member, scope);
    if (!x) {
      return x;
    }
    if (x->is_none()) {
      continue;
    }
    std::string key = name.source();
    if (!name.is_literal()) {
      auto rendered = name.evaluate_given(scope(name));
      if (!rendered) {
        return rendered;
      }
      key = key_text(*rendered);
    }
    auto known = std::find_if(result.begin(), result.end(), [&key](const auto& y) { return y.first == key; });
    if (known == result.end()) {
      result.emplace_back(std::move(key), std::move(*x));
    } else {
      known->second = std::move(*x);
    }
  }
  return value{std::move(result)};
}

expected<value> evaluate(const json_template& t, request_scope& scope) {
  return std::visit([&scope](const auto& part) { return evaluate_part(part, scope); }, t.what);
}

/// Adds `x` to an object, or what is in it, if both are objects.
expected<void> merge(value_dict& into, const std::string& key, value x, const std::string& path) {
  auto known = std::find_if(into.begin(), into.end(), [&key](const auto& y) { return y.first == key; });
  if (known == into.end()) {
    into.emplace_back(key, std::move(x));
    return {};
  }
  const auto* ours = known->second.as_dict();
  const auto* others = x.as_dict();
  if (ours != nullptr && others != nullptr) {
    auto both = *ours;
    for (const auto& [name, y] : *others) {
      if (auto merged = merge(both, name, y, path + "." + name); !merged) {
        return merged;
      }
    }
    known->second = value{std::move(both)};
    return {};
  }
  if (known->second == x) {
    return {};
  }
  return bad_body("The manifest gives the field `" + path + "` of the request's body two values.");
}

} // namespace

expected<void> request_body_builder::start(const request_body& body, request_scope& scope) {
  if (std::holds_alternative<no_body>(body)) {
    return {};
  }
  if (const auto* form = std::get_if<form_body>(&body)) {
    return form_.render(form->fields, scope);
  }
  if (const auto* text = std::get_if<text_body>(&body)) {
    auto rendered = text->text.render_string(scope(text->text));
    if (!rendered) {
      return tl::unexpected(std::move(rendered.error()));
    }
    if (!language::is_dict_text(*rendered)) {
      plain_ = std::move(*rendered);
      return {};
    }
    const auto dict = text_template::literal(*rendered).evaluate({});
    for (const auto& [name, x] : dict ? *dict->as_dict() : value_dict{}) {
      if (auto added = x.is_none() ? expected<void>{} : add_form(name, separated(language::to_text(x))); !added) {
        return added;
      }
    }
    return {};
  }
  auto object = evaluate(std::get<json_body>(body).object, scope);
  if (!object) {
    return tl::unexpected(std::move(object.error()));
  }
  const auto* dict = object->as_dict();
  if (dict == nullptr) {
    return bad_body("The template of the request's JSON body gives something else than a dict in Python's notation "
                    "(in which `true` is `True`, and `null` is `None`).");
  }
  json_ = *dict;
  return {};
}

expected<void> request_body_builder::add_form(const std::string& name, std::vector<std::string> values) {
  return form_.add(name, std::move(values));
}

expected<void> request_body_builder::add_json(const std::string& name, const std::vector<std::string>& inner, value x) {
  for (auto key = inner.rbegin(); key != inner.rend(); ++key) {
    x = value{value_dict{{*key, std::move(x)}}};
  }
  return merge(json_, name, std::move(x), name);
}

expected<std::string> request_body_builder::text() const {
  const auto& fields = form_.pairs();
  if (!json_.empty() + !fields.empty() + !plain_.empty() > 1) {
    return bad_body(
      "The manifest gives a request more than one of a body in JSON, form data, and a body that is text.");
  }
  if (!json_.empty()) {
    return language::to_json(value{json_});
  }
  std::string result;
  for (const auto& [name, x] : fields) {
    result += (result.empty() ? "" : "&") + url::quote(name, "", true) + "=" + url::quote(x, "", true);
  }
  return fields.empty() ? plain_ : result;
}

std::string_view request_body_builder::content_type() const noexcept {
  if (!json_.empty()) {
    return "application/json";
  }
  return form_.pairs().empty() ? "" : "application/x-www-form-urlencoded";
}

} // namespace sluice
