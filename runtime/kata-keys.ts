// The keys that Kata's shims read in their configs: what is none of them means nothing there, and nobody says so.
// *Source*: kata-containers 4.1.0: Go's src/runtime/pkg/katautils/config.go (toml tags), Rust's src/libs/kata-types/src/config
// (fields and their serde names). The shipped configs are no source: the Rust shim's have keys that only the Go shim reads.

export type ConfigTable = 'hypervisor' | 'agent' | 'runtime' | 'factory';
export type KataShim = 'rust' | 'go';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Read by both. */
const shared: Readonly<Record<ConfigTable, readonly string[]>> = {
  hypervisor: words(`
    block_device_aio block_device_cache_direct block_device_cache_noflush block_device_cache_set
    block_device_driver block_device_logical_sector_size block_device_physical_sector_size cold_plug_vfio
    confidential_guest cpu_features default_bridges default_maxmemory default_maxvcpus default_memory
    default_vcpus disable_block_device_use disable_guest_selinux disable_image_nvdimm disable_nesting_checks
    disable_seccomp disable_selinux disable_vhost_net disk_rate_limiter_bw_max_rate
    disk_rate_limiter_bw_one_time_burst disk_rate_limiter_ops_max_rate disk_rate_limiter_ops_one_time_burst
    enable_annotations enable_debug enable_guest_swap enable_hugepages enable_iommu enable_iommu_platform
    enable_iothreads enable_mem_prealloc enable_vhost_user_store enable_virtio_mem entropy_source
    extra_monitor_socket firmware guest_extension_images guest_hook_path guest_memory_dump_paging
    guest_memory_dump_path image indep_iothreads initrd jailer_path kernel kernel_params kernel_verity_params
    machine_accelerators machine_type memory_offset memory_slots path pcie_root_port pcie_switch_port pflashes
    reclaim_guest_freed_memory rootfs_type rootless rx_rate_limiter_max_rate sev_snp_guest shared_fs
    snp_guest_policy snp_id_auth snp_id_block tdx_quote_generation_service_socket_port
    tx_rate_limiter_max_rate valid_entropy_sources valid_hypervisor_paths valid_jailer_paths
    valid_vhost_user_store_paths valid_virtio_fs_daemon_paths vhost_user_store_path virtio_fs_cache
    virtio_fs_cache_size virtio_fs_daemon virtio_fs_extra_args virtio_fs_queue_size`),
  agent: words(`
    debug_console_enabled enable_debug enable_tracing kernel_modules launch_process_timeout
    visible_cdi_devices`),
  runtime: words(`
    dan_conf disable_guest_seccomp disable_new_netns emptydir_mode enable_debug enable_pprof enable_tracing
    enable_vcpus_pinning experimental internetworking_model jaeger_endpoint jaeger_password jaeger_user
    pod_resource_api_sock sandbox_bind_mounts sandbox_cgroup_only static_sandbox_resource_mgmt vfio_mode`),
  factory: [],
};

const own: Readonly<Record<KataShim, Readonly<Record<ConfigTable, readonly string[]>>>> = {
  rust: {
    hypervisor: words(`
      boot_from_template boot_to_be_template ctlpath dbg_monitor_socket default_gpu_model default_gpus
      device_state_path disable_nested_virtualization factory guest_swap_create_threshold_secs guest_swap_path
      guest_swap_size_percent hugepage_type hypervisor_socket hypervisor_timeout initdata log_level memory_path
      network_queues num_queues overhead_memory overhead_vcpus prefetch_list_path qgs_port queue_size
      rootless_user seccomp_sandbox selinux_label valid_ctlpaths virtio_fs_is_dax vm_rootfs_driver`),
    agent: words(`
      cdh_api_timeout_ms container_pipe_size create_container_timeout dial_timeout_ms
      health_check_request_timeout_ms log_level log_port mem_agent passfd_listener_port policy
      reconnect_timeout_ms request_timeout_ms server_port`),
    runtime: words(`
      agent_name hypervisor_name keep_abnormal log_level name passfd_listener_port shared_mounts use_passfd_io`),
    factory: [],
  },
  go: {
    hypervisor: words(`
      enable_numa firmware_volume hot_plug_vfio hypervisor_loglevel measurement_algo msize_9p
      net_rate_limiter_bw_max_rate net_rate_limiter_bw_one_time_burst net_rate_limiter_ops_max_rate
      net_rate_limiter_ops_one_time_burst numa_mapping remote_hypervisor_socket remote_hypervisor_timeout
      seccompsandbox use_legacy_serial vhost_user_reconnect_timeout_sec`),
    agent: words(`
      cdh_api_timeout dial_timeout`),
    runtime: words(`
      create_container_timeout disable_guest_empty_dir experimental_force_guest_pull guest_selinux_label
      kubelet_root_dir`),
    factory: words('enable_template template_path vm_cache_endpoint vm_cache_number'),
  },
};

/**
 * What the Rust shim calls a key of the Go shim's, as `table.key`.
 * *Source*: migrating-config-go-runtime-to-runtime-rs.md; but the time to reach the agent in, which Go calls `dial_timeout`, is
 * Rust's `reconnect_timeout_ms` (runtime-rs/crates/agent/src/sock/vsock.rs), and `dial_timeout_ms` the pause between its tries.
 */
export const renamedInRust: ReadonlyMap<string, string> = new Map([
  ['hypervisor.seccompsandbox', 'hypervisor.seccomp_sandbox'],
  ['hypervisor.hypervisor_loglevel', 'hypervisor.log_level'],
  ['agent.dial_timeout', 'agent.reconnect_timeout_ms'],
  ['hypervisor.remote_hypervisor_socket', 'hypervisor.hypervisor_socket'],
  ['hypervisor.remote_hypervisor_timeout', 'hypervisor.hypervisor_timeout'],
  ['agent.cdh_api_timeout', 'agent.cdh_api_timeout_ms'],
  ['runtime.create_container_timeout', 'agent.create_container_timeout'],
  ['runtime.experimental_force_guest_pull', 'runtime.experimental = ["force_guest_pull"]'],
]);

export function isKataKey(shim: KataShim, table: ConfigTable, key: string): boolean {
  return shared[table].includes(key) || own[shim][table].includes(key);
}
