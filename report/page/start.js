// Everything begins once the blobs are read.
load().then(() => data.live && startLive()).then(() => {
  startExplorer();
  startGalleries();
  startTable();
  startLearned();
  startSuspects();
  startPicks();
  go({});
  startLinks();
  document.documentElement.dataset.ready = 'yes';
  performance.mark('ready');
}).catch(error => {
  $('main').prepend(element('p', { class: 'warning' }, 'The interactive parts could not start: ' + error.message + '. A browser of 2023 or later is needed.'));
  console.error(error);
});
})();
