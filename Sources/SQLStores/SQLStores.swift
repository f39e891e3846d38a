enum SQLStoresPlaceholder {}
