// Templates of strangers on data of strangers, in bounded time and memory.
#include "config/language/template.hpp"
#include "messages/text/utf8.hpp"
#include "tests/fuzz/target.hpp"

#include <chrono>
#include <string>

using namespace sluice;
using namespace sluice::fuzz;
using namespace sluice::language;

/// Sections: the template, JSON for the variables.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = sections(text_of(data, size), 2);
  const std::vector<std::string> variables{"config",           "parameters",     "stream_slice",
                                           "stream_partition", "response",       "headers",
                                           "last_record",      "last_page_size", "record"};
  scope s;
  s.set_now(std::chrono::sys_time<std::chrono::microseconds>{std::chrono::seconds{1767225600}});
  auto parsed_data = parse_json(parts[1]);
  auto variable = parsed_data ? *parsed_data : value{value_dict{{"a", 1}, {"b", value_list{value{"x"}, value{2.5}}}}};
  for (const auto& name : variables)
    s.set(name, variable);

  auto literal = text_template::literal(std::string{parts[0]});
  auto literal_text = literal.render(s);
  require(literal_text && *literal_text == parts[0], "a literal stays what it is");
  if (auto x = literal.evaluate(s)) {
    (void)to_json(*x);
    (void)to_text(*x);
  }

  auto t = text_template::parse(parts[0], variables);
  auto c = condition::parse(parts[0], variables);
  require(t.has_value() == c.has_value(), "templates and conditions have the same grammar");
  if (!t) {
    require(t.error().code == errc::bad_template && !t.error().message.empty(), "a refused template is told");
    require(valid_utf8_prefix(t.error().message) == t.error().message.size(), "an error is text");
    return 0;
  }
  for (const auto& name : variables)
    for (const auto& reference : t->references(name))
      require(!reference.empty() && reference.front() == name, "a reference starts at its variable");
  auto text = t->render(s);
  auto again = t->render(s);
  bool is_random = parts[0].find("random") != std::string_view::npos || parts[0].find("uuid") != std::string_view::npos;
  require(is_random || (text.has_value() == again.has_value() && (!text || *text == *again)),
          "a template has one result");
  if (text)
    require(text->size() <= (2U << 20), "a text is bounded");
  else
    require(text.error().code == errc::bad_template, "an error of a template is one");
  (void)t->render_optional(s);
  if (auto x = t->evaluate(s)) {
    auto json = to_json(*x);
    require(valid_utf8_prefix(json) == json.size(), "JSON is UTF-8");
    (void)truthy(*x);
  }
  (void)c->evaluate(s);
  return 0;
}
