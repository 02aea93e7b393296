#include "config/manifest/components/bodies.hpp"

#include "config/manifest/components/all.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace sluice::compiling {

namespace {

using language::value_dict;
using language::value_list;

/// A template that is known now is replaced by its value.
json_template folded(context& x, const field_ref& field, text_template t) {
  if (!t.is_literal())
    return {std::move(t)};
  auto known = t.evaluate_given({});
  if (!known)
    x.refuse(field, known.error().message);
  return {known ? std::move(*known) : value{}};
}

json_template compile_json(context& x, const field_ref& field, const value& source, const std::string& path);

json_template compile_json(context& x, const field_ref& field, const value_list& source, const std::string& path) {
  json_template::list elements;
  for (const auto& element : source)
    elements.push_back(compile_json(x, field, element, path + "[" + std::to_string(elements.size()) + "]"));
  value_list known;
  for (const auto& element : elements)
    if (const auto* y = std::get_if<value>(&element.what))
      known.push_back(*y);
  if (known.size() == elements.size())
    return {value{std::move(known)}};
  return {std::move(elements)};
}

json_template compile_json(context& x, const field_ref& field, const value_dict& source, const std::string& path) {
  json_template::members members;
  bool is_known = true;
  for (const auto& [key, member] : source) {
    const auto place = path + "." + key;
    auto name = x.dynamic(field, key, place, request_variables());
    auto y = compile_json(x, field, member, place);
    is_known = is_known && name.is_literal() && std::holds_alternative<value>(y.what);
    members.push_back({std::move(name), std::move(y)});
  }
  if (!is_known)
    return {std::move(members)};
  value_dict known;
  for (auto& [name, member] : members)
    if (auto& y = std::get<value>(member.what); !y.is_none())
      known.emplace_back(name.source(), std::move(y));
  return {value{std::move(known)}};
}

json_template compile_json(context& x, const field_ref& field, const value& source, const std::string& path) {
  if (const auto* text = source.as_string())
    return folded(x, field, x.dynamic(field, *text, path, request_variables()));
  if (const auto* list = source.as_list())
    return compile_json(x, field, *list, path);
  if (const auto* dict = source.as_dict())
    return compile_json(x, field, *dict, path);
  return {source};
}

form_body compile_form(context& x, const field_ref& field,
                       const std::vector<std::pair<std::string, std::string>>& members) {
  form_body result;
  for (const auto& [key, source] : members) {
    const auto path = field.path() + "." + key;
    result.fields.push_back(
      {x.fixed_text(field, key, path), x.dynamic(field, source, path, request_variables()), false});
  }
  return result;
}

/// A text, or a dict in its place.
request_body compile_json_body(context& x, const field_ref& field) {
  if (const auto* text = field.raw()->as_string())
    return json_body{{x.dynamic(field, *text, field.path(), request_variables())}};
  return json_body{compile_json(x, field, *field.raw(), field.path())};
}

request_body compile_typed(context& x, const view<RequestBodyPlainText>& c) {
  return text_body{x.dynamic(c[&RequestBodyPlainText::value], request_variables())};
}

request_body compile_typed(context& x, const view<RequestBodyUrlEncodedForm>& c) {
  const auto field = c[&RequestBodyUrlEncodedForm::value];
  return compile_form(x, field, field.members());
}

request_body compile_typed(context& x, const view<RequestBodyJsonObject>& c) {
  return compile_json_body(x, c[&RequestBodyJsonObject::value]);
}

request_body compile_typed(context& x, const view<RequestBodyGraphQL>& c) {
  const auto field = c[&RequestBodyGraphQL::value];
  const auto* query = field.raw()->find("query");
  if (query == nullptr || query->as_string() == nullptr)
    x.refuse(field, "needs a `query` that is text");
  return compile_json_body(x, field);
}

/// Nobody says anything with an empty text or dict.
bool is_given(const field_ref& field) {
  return field.raw() != nullptr && language::truthy(*field.raw());
}

} // namespace

const std::vector<std::string>& request_variables() {
  static const std::vector<std::string> names
    = {"stream_slice", "stream_partition", "stream_interval", "next_page_token"};
  return names;
}

bool is_moving(const text_template& t) {
  return std::any_of(request_variables().begin(), request_variables().end(),
                     [&t](const auto& name) { return !t.references(name).empty(); });
}

request_body compile_body(context& x, const view<HttpRequester>& c) {
  using fields = HttpRequester;
  const auto typed = c[&fields::request_body].get();
  const auto data = c[&fields::request_body_data];
  const auto json = c[&fields::request_body_json];
  const auto count = int{typed.has_value()} + int{is_given(data)} + int{is_given(json)};
  if (count > 1)
    x.refuse(c, "a request has one body: give only one of request_body, request_body_data and request_body_json");
  const auto method = c[&fields::http_method].chosen.value_or("GET");
  if (count > 0 && method == "DELETE")
    x.refuse(c, "a DELETE request is sent without a body; remove the body, or use another http_method");
  if (count != 1 || x.failed())
    return no_body{};
  if (typed)
    return std::visit([&x](const auto& body) { return compile_typed(x, body); }, *typed);
  if (is_given(json))
    return compile_json_body(x, json);
  if (data.raw()->as_string() != nullptr)
    return text_body{x.dynamic(data, request_variables())};
  return compile_form(x, data, data.members());
}

} // namespace sluice::compiling
