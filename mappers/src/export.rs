//! A plugin's functions: found and checked when it is loaded, called by their place.
//!
//! A plugin need not have all of them, which is why they are looked up one by one instead of by a generated world.

use wasmtime::Store;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lift, Lower,
};

use crate::state::State;

/// A function of an exported interface.
pub(crate) struct Export(ComponentExportIndex);

impl Export {
    /// Finds the function and checks that it takes `Params` and returns `Results`.
    pub(crate) fn find<Params, Results>(
        pre: &InstancePre<State>,
        interface: &str,
        function: &str,
    ) -> wasmtime::Result<Self>
    where
        Params: ComponentNamedList + Lower,
        Results: ComponentNamedList + Lift,
    {
        let missing =
            || wasmtime::Error::msg(format!("`{interface}` has no function `{function}`"));
        let component = pre.component();
        let instance = component.get_export_index(None, interface).ok_or_else(missing)?;
        let found = component.get_export(Some(&instance), function);
        let Some((ComponentItem::ComponentFunc(typed), index)) = found else {
            return Err(missing());
        };
        typed
            .typecheck::<Params, Results>(&pre.instance_type())
            .map_err(|error| error.context(format!("`{interface}`, function `{function}`")))?;
        Ok(Self(index))
    }

    /// Calls the function.
    pub(crate) fn call<Params, Results>(
        &self,
        store: &mut Store<State>,
        instance: &Instance,
        params: Params,
    ) -> wasmtime::Result<Results>
    where
        Params: ComponentNamedList + Lower,
        Results: ComponentNamedList + Lift,
    {
        instance.get_typed_func::<Params, Results>(&mut *store, &self.0)?.call(store, params)
    }
}
