"""What is said about real files that hold no instances."""

REFUSED = {
    "datumaro_image_info_val_noannotations": "this file holds image information without categories, no instances",
    "datumaro_panoptic_val": "this file holds panoptic annotations, one record per image, no instances",
    "results_list_keypoints_val2014_fake100": "this is a list of keypoints, .* Open person_keypoints_val2014.json",
}
