#pragma once

// How a component of the language names its fields: each once, by a handle. The handle makes the component's row in the
// table (table.hpp), and it is the only key to the field's value, so a field that the table lacks cannot be read.
//
//   struct bearer_authenticator : component<bearer_authenticator> {
//     static constexpr std::string_view type = "BearerAuthenticator";
//     text api_token{this, "api_token", required};
//   };
//
//   x.fixed(c[&bearer_authenticator::api_token])       // c is a view<bearer_authenticator>

#include "config/language/value.hpp"
#include "config/manifest/components/table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::compiling {

using language::value;

/// A checked component and where it is. The table guarantees its fields' kinds. Refers to the manifest's tree.
class component_view {
public:
  component_view(const value& component, std::string path) : component_{&component}, path_{std::move(path)} {}

  std::string_view type() const noexcept;
  const std::string& path() const noexcept { return path_; }
  const value& whole() const noexcept { return *component_; }

private:
  const value* component_;
  std::string path_;
};

template <class C>
class view;

/// A field of a component: its value, if the manifest gives one, and where it is.
class field_ref {
public:
  field_ref(const component_view& owner, std::string_view name)
    : component_{&owner.whole()}, x_{component_->find(name)}, path_{owner.path().empty()
                                                                      ? std::string{name}
                                                                      : owner.path() + "." + std::string{name}} {}

  bool has() const noexcept { return x_ != nullptr; }
  const std::string& path() const noexcept { return path_; }
  /// The component that it is a field of.
  const value& component() const noexcept { return *component_; }
  /// nullptr if it is missing.
  const value* raw() const noexcept { return x_; }

private:
  const value* component_;
  const value* x_;
  std::string path_;
};

// One class for each kind of field: its accessor gives the C++ type. Of a missing field it gives "", false, an empty
// list or nothing.

struct text_ref : field_ref {
  static constexpr auto kind = field_kind::text;
  using field_ref::field_ref;
  std::string text() const;
};

struct texts_ref : field_ref {
  static constexpr auto kind = field_kind::texts;
  using field_ref::field_ref;
  std::vector<std::string> list() const;
};

struct text_grid_ref : field_ref {
  static constexpr auto kind = field_kind::text_grid;
  using field_ref::field_ref;
  std::vector<std::vector<std::string>> rows() const;
};

struct key_ref : text_grid_ref {
  static constexpr auto kind = field_kind::key;
  using text_grid_ref::text_grid_ref;
};

/// A template, or a list of texts that are none.
struct text_or_texts_ref : text_ref {
  static constexpr auto kind = field_kind::text_or_texts;
  using text_ref::text_ref;
  bool is_list() const noexcept { return raw() != nullptr && raw()->as_list() != nullptr; }
  std::vector<std::string> list() const;
};

struct text_map_ref : field_ref {
  static constexpr auto kind = field_kind::text_map;
  using field_ref::field_ref;
  std::vector<std::pair<std::string, std::string>> members() const;
};

/// Text, or a dict of texts in its place.
struct text_or_map_ref : text_ref {
  static constexpr auto kind = field_kind::text_or_map;
  using text_ref::text_ref;
  /// The dict's members; none of a text.
  std::vector<std::pair<std::string, std::string>> members() const;
};

struct boolean_ref : field_ref {
  static constexpr auto kind = field_kind::boolean;
  using field_ref::field_ref;
  bool value() const noexcept;
};

struct codes_ref : field_ref {
  static constexpr auto kind = field_kind::codes;
  using field_ref::field_ref;
  std::vector<std::int64_t> numbers() const;
};

struct dict_ref : field_ref {
  static constexpr auto kind = field_kind::dict;
  using field_ref::field_ref;
};

/// Text, or any dict in its place: `raw` is either.
struct text_or_dict_ref : field_ref {
  static constexpr auto kind = field_kind::text_or_dict;
  using field_ref::field_ref;
};

/// Any value: `raw` is it.
struct anything_ref : field_ref {
  static constexpr auto kind = field_kind::anything;
  using field_ref::field_ref;
};

/// What a field that takes one of `T...` holds: a view, or a variant of views.
template <class... T>
struct any_view {
  using type = std::variant<view<T>...>;
};
template <class T>
struct any_view<T> {
  using type = view<T>;
};

/// Opens a component as what it is; its type is one of `T...`, as the table guarantees. What was no component at all
/// is opened as the first one: it has no fields.
template <class... T>
typename any_view<T...>::type open_view(const component_view& c) {
  using result = typename any_view<T...>::type;
  if constexpr (sizeof...(T) == 1) {
    return result{c};
  } else {
    std::optional<result> found;
    ((c.type() == T::type ? void(found.emplace(view<T>{c})) : void()), ...);
    return found ? std::move(*found) : result{std::in_place_index<0>, c};
  }
}

template <class... T>
struct child_ref : field_ref {
  static constexpr auto kind = field_kind::component;
  using field_ref::field_ref;
  std::optional<typename any_view<T...>::type> get() const {
    if (raw() == nullptr || raw()->as_dict() == nullptr)
      return std::nullopt;
    return open_view<T...>(component_view{*raw(), path()});
  }
};

template <class... T>
struct children_ref : field_ref {
  static constexpr auto kind = field_kind::components;
  using field_ref::field_ref;
  std::vector<typename any_view<T...>::type> list() const {
    std::vector<typename any_view<T...>::type> result;
    if (raw() != nullptr && raw()->as_list() != nullptr)
      for (const auto& x : *raw()->as_list())
        result.push_back(open_view<T...>(component_view{x, path() + "[" + std::to_string(result.size()) + "]"}));
    return result;
  }
};

/// A component, or a list of them.
template <class... T>
struct child_or_children_ref : field_ref {
  static constexpr auto kind = field_kind::component_or_components;
  using field_ref::field_ref;
  /// The manifest writes a list, be it of one.
  bool is_list() const { return raw() != nullptr && raw()->as_list() != nullptr; }
  std::vector<typename any_view<T...>::type> list() const {
    std::vector<typename any_view<T...>::type> result;
    std::size_t position = 0;
    if (is_list())
      for (const auto& x : *raw()->as_list()) {
        const auto place = path() + "[" + std::to_string(position++) + "]";
        if (x.as_dict() != nullptr) // one that is not supported has left nothing
          result.push_back(open_view<T...>(component_view{x, place}));
      }
    else if (raw() != nullptr && raw()->as_dict() != nullptr)
      result.push_back(open_view<T...>(component_view{*raw(), path()}));
    return result;
  }
};

/// A dict of components. What is wrong with one of them concerns only who opens it.
template <class... T>
struct child_map_ref : field_ref {
  static constexpr auto kind = field_kind::component_map;
  using field_ref::field_ref;
  /// The dict has this key.
  bool has(const std::string& key) const { return raw() != nullptr && raw()->find(key) != nullptr; }
  using field_ref::has;
  /// Its keys, as a list for people.
  std::string names() const {
    std::string result;
    if (raw() != nullptr && raw()->as_dict() != nullptr)
      for (const auto& member : *raw()->as_dict())
        result += (result.empty() ? "" : ", ") + member.first;
    return result;
  }
  /// The component there, or what is wrong with it.
  tl::expected<typename any_view<T...>::type, std::vector<manifest_fault>> get(const std::string& key) const {
    const auto& x = *raw()->find(key);
    if (auto faults = kept_faults(x); !faults.empty())
      return tl::unexpected(std::move(faults));
    return open_view<T...>(component_view{x, path() + "." + key});
  }
};

/// Text, or a component in its place.
template <class T>
struct text_or_child_ref : text_ref {
  static constexpr auto kind = field_kind::text_or_component;
  using text_ref::text_ref;
  std::optional<view<T>> get() const {
    if (raw() == nullptr || raw()->as_dict() == nullptr)
      return std::nullopt;
    return view<T>{component_view{*raw(), path()}};
  }
};

/// A word and what it means.
template <class E>
using word = std::pair<std::string_view, E>;

template <class E>
struct choice_ref : field_ref {
  choice_ref(const component_view& owner, std::string_view name, const std::vector<word<E>>& words)
    : field_ref{owner, name} {
    if (raw() != nullptr && raw()->as_string() != nullptr)
      for (const auto& [text, meaning] : words)
        if (*raw()->as_string() == text)
          chosen = meaning;
  }
  /// Nothing if the field is missing.
  std::optional<E> chosen;
};

/// What the table says about a field besides its kind.
struct field_traits {
  bool required = false;
  /// A field that takes several types of components: without `type` the first is meant.
  bool first_is_usual = false;
  std::string_view since = {};
};
constexpr field_traits operator|(field_traits x, const field_traits& y) {
  return {x.required || y.required, x.first_is_usual || y.first_is_usual, x.since.empty() ? y.since : x.since};
}
inline constexpr field_traits required{.required = true};
inline constexpr field_traits first_is_usual{.first_is_usual = true};
/// The version that brought a field, if its component is older.
constexpr field_traits since(std::string_view version) {
  return {.since = version};
}

/// `=A|B`: see `field_rule::detail`.
std::string type_words(const std::vector<std::string_view>& types, bool usual);

template <class Ref>
struct types_of {
  static std::string words(bool) { return {}; }
};
template <class... T>
struct types_of<child_ref<T...>> {
  static std::string words(bool usual) { return type_words({T::type...}, usual || sizeof...(T) == 1); }
};
template <class... T>
struct types_of<children_ref<T...>> : types_of<child_ref<T...>> {};
template <class... T>
struct types_of<child_or_children_ref<T...>> : types_of<child_ref<T...>> {};
template <class... T>
struct types_of<child_map_ref<T...>> : types_of<child_ref<T...>> {};
template <class T>
struct types_of<text_or_child_ref<T>> : types_of<child_ref<T>> {};

/// The handle of a field of `C` whose values are read as `Ref`.
template <class C, class Ref>
struct field {
  template <class Owner>
  field(Owner* owner, std::string_view n, const field_traits& traits = {}) : name{n} {
    owner->add({std::string{n}, Ref::kind, types_of<Ref>::words(traits.first_is_usual), traits.required, traits.since});
  }
  Ref of(const component_view& c) const { return Ref{c, name}; }

  std::string_view name;
};

template <class C, class E>
struct field<C, choice_ref<E>> {
  template <class Owner>
  field(Owner* owner, std::string_view n, std::vector<word<E>> w, const field_traits& traits = {})
    : name{n}, words{std::move(w)} {
    std::vector<std::string_view> texts;
    for (const auto& x : words)
      texts.push_back(x.first);
    owner->add({std::string{n}, field_kind::choice, type_words(texts, false), traits.required, traits.since});
  }
  choice_ref<E> of(const component_view& c) const { return {c, name, words}; }

  std::string_view name;
  std::vector<word<E>> words;
};

/// A field that nobody reads.
template <field_kind Kind>
struct unread_field {
  template <class Owner>
  unread_field(Owner* owner, std::string_view name, const field_traits& traits = {}) {
    owner->add({std::string{name}, Kind, {}, traits.required, traits.since});
  }
};

/// A component of the language. Derive from it, say its `type`, and declare its fields in the order of the
/// documentation.
template <class C>
class component {
public:
  /// See component_rule; hide them where the component differs.
  static constexpr bool is_closed = false;
  static constexpr bool is_extension = false;
  static constexpr bool is_open = false;
  static constexpr std::string_view added = "0.1.0";

  const std::vector<field_rule>& rows() const noexcept { return rows_; }
  void add(field_rule row) { rows_.push_back(std::move(row)); }

protected:
  using text = field<C, text_ref>;
  using texts = field<C, texts_ref>;
  using text_grid = field<C, text_grid_ref>;
  using text_or_texts = field<C, text_or_texts_ref>;
  using text_map = field<C, text_map_ref>;
  using text_or_map = field<C, text_or_map_ref>;
  using text_or_dict = field<C, text_or_dict_ref>;
  using boolean = field<C, boolean_ref>;
  using codes = field<C, codes_ref>;
  using dict = field<C, dict_ref>;
  using anything = field<C, anything_ref>;
  using key = field<C, key_ref>;
  /// One of some words, each with the value that stands for it: `{{"wait", false}, {"stop", true}}`.
  template <class E>
  using choice = field<C, choice_ref<E>>;
  template <class... T>
  using child = field<C, child_ref<T...>>;
  template <class... T>
  using children = field<C, children_ref<T...>>;
  template <class... T>
  using child_or_children = field<C, child_or_children_ref<T...>>;
  template <class... T>
  using child_map = field<C, child_map_ref<T...>>;
  template <class T>
  using text_or_child = field<C, text_or_child_ref<T>>;
  using ignored = unread_field<field_kind::ignored>;
  using unsupported = unread_field<field_kind::unsupported>;

private:
  std::vector<field_rule> rows_;
};

/// The handles of `C`.
template <class C>
const C& handles() {
  static const C x;
  return x;
}

/// The table's rows for components, in this order.
template <class... C>
std::vector<component_rule> rules_of() {
  return {component_rule{C::type, handles<C>().rows(), C::is_closed, C::is_extension, C::added, C::is_open}...};
}

/// A component that is known to be a `C`: its fields are read with the handles of `C`.
template <class C>
class view : public component_view {
public:
  explicit view(const component_view& c) : component_view{c} {}

  template <class Ref>
  Ref operator[](field<C, Ref> C::*handle) const {
    return (handles<C>().*handle).of(*this);
  }
};

} // namespace sluice::compiling
